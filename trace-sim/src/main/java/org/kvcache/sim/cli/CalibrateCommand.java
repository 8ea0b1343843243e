package org.kvcache.sim.cli;

import java.io.PrintWriter;
import java.nio.file.InvalidPathException;
import java.nio.file.Path;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Locale;
import java.util.Map;
import java.util.concurrent.Callable;
import java.util.regex.Matcher;
import java.util.regex.Pattern;
import org.jspecify.annotations.Nullable;
import org.kvcache.sim.cost.Calibration;
import org.kvcache.sim.cost.DevicePreset;
import org.kvcache.sim.cost.Hardware;
import org.kvcache.sim.cost.KvScheme;
import org.kvcache.sim.cost.MeasuredPasses;
import org.kvcache.sim.cost.ModelShape;
import org.kvcache.sim.cost.PassSplit;
import org.kvcache.sim.cost.Presets;
import org.kvcache.sim.report.Charts;
import picocli.CommandLine.Command;
import picocli.CommandLine.Mixin;
import picocli.CommandLine.Model.CommandSpec;
import picocli.CommandLine.Option;
import picocli.CommandLine.Parameters;
import picocli.CommandLine.Spec;

/** {@code kvcache calibrate}. */
@Command(
    name = "calibrate",
    description = {
      "Fits the cost model's factors of a device to measured passes of a model, and prints the"
          + " error that is left, also on points that the fit has not seen.",
      "PASSES is a CSV file with a header and the columns phase (prefill or decode), batch"
          + " (sequences), new_tokens (rows of each; may be left out of decode passes), context"
          + " (tokens of each before them) and ms (time of one pass); others are passed over, and"
          + " so are lines that start with #. The fit is of least squares of log(predicted /"
          + " measured). A factor that the points do not tell stays as it is.",
    },
    footer = {
      "",
      "Examples:",
      "  kvcache calibrate passes.csv --model llama3-8b --device h100 -o mine.json",
      "  kvcache calibrate passes.csv --model qwen3-32b --device h200 --tensor-parallel 2",
      "  kvcache calibrate passes.csv --model llama3-8b --device h100 --scheme fp8 --chart fit.png",
    })
final class CalibrateCommand implements Callable<Integer> {
  private static final Pattern SHARE = Pattern.compile("(\\d{1,9}(?:\\.\\d{1,9})?) ?(%?)");
  private static final String SUFFIX = "-calibrated";

  @Parameters(paramLabel = "PASSES", description = "The CSV file of measured passes.")
  private String passes = "";

  @Option(
      names = "--model",
      required = true,
      paramLabel = "NAME",
      description = "The model that was measured; a wrong name lists all.")
  private String model = "";

  @Option(
      names = "--device",
      required = true,
      paramLabel = "NAME",
      description = "The device that was measured, whose factors are the start.")
  private String device = "";

  @Option(
      names = {"--tensor-parallel", "--devices-in-parallel"},
      paramLabel = "N",
      defaultValue = "1",
      description = "Devices that share each layer. Default: ${DEFAULT-VALUE}.")
  private int gpus;

  @Option(
      names = "--scheme",
      paramLabel = "NAME",
      description = {
        "How keys and values were stored: a scheme or format of 'kvcache schemes' and 'kvcache"
            + " formats', or two, as in fp8+mxfp4. Default: as the model's preset says, 16 bits"
            + " where it does not.",
      })
  private @Nullable String scheme;

  @Option(
      names = "--hold-back",
      paramLabel = "SHARE",
      defaultValue = "20%",
      description = {
        "Share of the shapes whose points are kept from the fit, drawn evenly over all. Default:"
            + " 20%%.",
      })
  private String holdBack = "";

  @Option(
      names = "--seed",
      paramLabel = "N",
      defaultValue = "0",
      description = "Seed of what is held back. Default: ${DEFAULT-VALUE}.")
  private long seed;

  @Option(
      names = "--name",
      paramLabel = "NAME",
      description = "Name of the device that is written. Default: --device's with " + SUFFIX + ".")
  private @Nullable String name;

  @Option(
      names = "--models",
      paramLabel = "FILE",
      description = "Your own models, as JSON; see 'kvcache herald pipeline --help'.")
  private @Nullable String modelFile;

  @Option(
      names = "--devices",
      paramLabel = "FILE",
      description = "Your own devices, as JSON; see 'kvcache herald pipeline --help'.")
  private @Nullable String deviceFile;

  @Mixin private final CalibrateFiles outputs = new CalibrateFiles();

  @Spec private CommandSpec spec = CommandSpec.create();

  @Override
  public Integer call() {
    Map<String, Path> inputs = inputs();
    CalibrateFiles.Checked files = outputs.checked(inputs);
    String written = writtenName();
    double share = share();
    ModelShape shape = shape(one("--model", model, Presets.models(inputs.get("--models"))));
    Hardware preset = one("--device", device, Presets.devices(inputs.get("--devices")));
    Path file = path(passes);
    PassSplit split = PassSplit.of(MeasuredPasses.read(file), share, seed);
    Calibration calibration = Calibration.of(shape, preset, gpus, split);
    var setting = new CalibrationSetting(shape, preset, gpus, file, split, seed);
    print(calibration, setting);
    if (files.preset() != null) {
      String source =
          "%s; factors fitted to %s by kvcache calibrate"
              .formatted(preset.name(), setting.points());
      files.preset().write(DevicePreset.json(calibration.device().withName(written), source));
      note("device: --devices %s --device %s".formatted(files.preset(), written));
    }
    if (files.json() != null) {
      List<String> arguments = spec.root().commandLine().getParseResult().originalArgs();
      files.json().write(CalibrationReport.json(calibration, setting, arguments));
      note("results as JSON: " + files.json());
    }
    if (files.chart() != null) {
      Charts.draw(List.of(new CalibrationChart(calibration, setting.machine())), 1, files.chart());
      note("chart: " + files.chart());
    }
    return 0;
  }

  private void print(Calibration calibration, CalibrationSetting setting) {
    PrintWriter out = spec.commandLine().getOut();
    out.println(setting.machine());
    out.println(setting.points());
    for (List<String> part :
        List.of(
            CalibrationTable.factors(calibration),
            CalibrationTable.errors(calibration),
            CalibrationTable.worst(calibration))) {
      out.println();
      part.forEach(out::println);
    }
    out.println();
    out.flush();
  }

  private void note(String line) {
    spec.commandLine().getOut().println(line);
  }

  private Map<String, Path> inputs() {
    var inputs = new LinkedHashMap<String, Path>();
    inputs.put("the measured passes", path(passes));
    if (modelFile != null) {
      inputs.put("--models", path(modelFile));
    }
    if (deviceFile != null) {
      inputs.put("--devices", path(deviceFile));
    }
    return inputs;
  }

  private static Path path(String file) {
    try {
      return Path.of(file);
    } catch (InvalidPathException e) {
      throw new IllegalArgumentException(file + ": is not a file name (" + e.getReason() + ")", e);
    }
  }

  private static <T> T one(String option, String wanted, Presets<T> presets) {
    List<T> named = presets.named(List.of(wanted));
    if (named.size() != 1) {
      throw new IllegalArgumentException(
          "%s is '%s'; name the one that was measured".formatted(option, wanted));
    }
    return named.getFirst();
  }

  private ModelShape shape(ModelShape preset) {
    return scheme == null
        ? preset
        : preset.withKvBits(KvScheme.of(scheme, preset.headDim()).bitsPerElement());
  }

  private double share() {
    Matcher match = SHARE.matcher(holdBack.strip());
    double share = match.matches() ? Double.parseDouble(match.group(1)) : 1;
    if (match.matches() && !match.group(2).isEmpty()) {
      share /= 100;
    }
    if (share >= 1) {
      throw new IllegalArgumentException(
          "--hold-back '%s' is not a share from 0 to below 100%%; write 20%% or 0.2"
              .formatted(holdBack));
    }
    return share;
  }

  private String writtenName() {
    String wanted = (name == null ? device + SUFFIX : name).strip().toLowerCase(Locale.ROOT);
    if (wanted.isEmpty() || wanted.equals(Presets.ALL) || wanted.contains(",")) {
      throw new IllegalArgumentException(
          "--name '%s' is no name; use one without commas that is not '%s'"
              .formatted(name, Presets.ALL));
    }
    return wanted;
  }
}
