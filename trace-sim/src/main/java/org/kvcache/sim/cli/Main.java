package org.kvcache.sim.cli;

import java.io.PrintWriter;
import java.nio.charset.Charset;
import java.util.LinkedHashMap;
import java.util.Map;
import java.util.ServiceLoader;
import picocli.CommandLine;
import picocli.CommandLine.Model.CommandSpec;

/** The command {@code kvcache}. */
public final class Main {
  private static final int USAGE_WIDTH = 100;

  private Main() {}

  /** Runs one command and ends the process with its exit code. */
  public static void main(String[] args) {
    // Charts are files; without this a machine with a broken display could not make them.
    System.setProperty("java.awt.headless", System.getProperty("java.awt.headless", "true"));
    var out = new PrintWriter(System.out, true, charset("stdout.encoding"));
    var err = new PrintWriter(System.err, true, charset("stderr.encoding"));
    int code = run(out, err, args);
    out.flush();
    err.flush();
    System.exit(code);
  }

  /**
   * Runs one command in this process.
   *
   * @return the exit code: 0 for success, 2 for bad use or bad input, 1 for a bug
   */
  public static int run(PrintWriter out, PrintWriter err, String... args) {
    CommandLine commandLine = commandLine();
    commandLine.setOut(out).setErr(err);
    try {
      return commandLine.execute(args);
    } catch (Error e) {
      return Complaint.of(e).print(err, commandLine);
    }
  }

  private static CommandLine commandLine() {
    var commandLine = new CommandLine(new RootCommand());
    commandLine.addSubcommand(new SimulateCommand());
    commandLine.addSubcommand(new SweepCommand());
    commandLine.addSubcommand(new BatchCommand());
    commandLine.addSubcommand(new ServeSimCommand());
    commandLine.addSubcommand(new CapacityCommand());
    commandLine.addSubcommand(new ReproduceCommand());
    commandLine.addSubcommand(new DescribeCommand());
    commandLine.addSubcommand(GenerateCommand.commandLine());
    commandLine.addSubcommand(new ConvertCommand());
    commandLine.addSubcommand(new CalibrateCommand());
    commandLine.addSubcommand(new PoliciesCommand());
    commandLine.addSubcommand(new DoctorCommand());
    for (CommandProvider provider : ServiceLoader.load(CommandProvider.class)) {
      commandLine.addSubcommand(provider.command());
    }
    equip(commandLine);
    commandLine.getSubcommands().values().forEach(Main::equip);
    commandLine.setUsageHelpWidth(USAGE_WIDTH);
    commandLine.setParameterExceptionHandler(
        (e, _) -> Complaint.of(e).print(e.getCommandLine().getErr(), e.getCommandLine()));
    commandLine.setExecutionExceptionHandler(
        (e, command, _) -> Complaint.of(e).print(command.getErr(), command));
    return commandLine;
  }

  private static void equip(CommandLine commandLine) {
    CommandSpec spec = commandLine.getCommandSpec();
    spec.versionProvider(new Version());
    spec.mixinStandardHelpOptions(true);
    Map<String, String> codes = new LinkedHashMap<>();
    codes.put(" 0", "success");
    codes.put(" 1", "a bug in kvcache; --debug shows where");
    codes.put(" 2", "bad use or bad input; one sentence on standard error says what to mend");
    spec.usageMessage().exitCodeListHeading("%nExit codes:%n").exitCodeList(codes);
    spec.usageMessage().optionListHeading("%nOptions:%n").commandListHeading("%nCommands:%n");
    spec.usageMessage().sortOptions(false).abbreviateSynopsis(true);
  }

  private static Charset charset(String property) {
    return Charset.forName(System.getProperty(property, Charset.defaultCharset().name()));
  }
}
