package org.kvcache.sim.cli;

import com.sun.management.HotSpotDiagnosticMXBean;
import java.io.PrintWriter;
import java.lang.management.ManagementFactory;
import java.nio.file.Path;
import java.util.List;
import java.util.stream.Collectors;
import org.jspecify.annotations.Nullable;
import org.kvcache.ByteSize;
import org.kvcache.sim.cost.Presets;
import org.kvcache.spi.AttentionBackend;
import org.kvcache.spi.BlockRetriever;
import org.kvcache.spi.CodecCatalog;
import org.kvcache.spi.PageDevice;
import org.kvcache.spi.PolicyCatalog;
import org.kvcache.spi.PolicySpec;
import org.kvcache.spi.SchemeSpec;
import org.kvcache.spi.TierProvider;
import picocli.CommandLine.Command;
import picocli.CommandLine.Model.CommandSpec;
import picocli.CommandLine.Spec;

/** {@code kvcache doctor}. */
@Command(
    name = "doctor",
    description = "Says what kvcache finds on this machine; include it in bug reports.")
final class DoctorCommand implements Runnable {
  private static final String VECTOR_MODULE = "jdk.incubator.vector";
  private static final String AGRONA_PACKAGE = "jdk.internal.misc";

  @Spec private CommandSpec spec = CommandSpec.create();

  @Override
  public void run() {
    Runtime runtime = Runtime.getRuntime();
    Module own = DoctorCommand.class.getModule();
    line("kvcache", Version.kvcache());
    line("JDK", Version.jdk());
    line("cores", Integer.toString(runtime.availableProcessors()));
    line(
        "heap",
        "up to " + ByteSize.format((double) runtime.maxMemory()) + " (KVCACHE_JAVA_OPTS=-Xmx8g)");
    line("temporary files", Path.of(System.getProperty("java.io.tmpdir")).toString());
    line("vector registers", vectors());
    line(
        "Vector API",
        ModuleLayer.boot().findModule(VECTOR_MODULE).isPresent()
            ? "on"
            : "off; codecs are some ten times slower (--add-modules " + VECTOR_MODULE + ")");
    line(
        "native access",
        own.isNativeAccessEnabled()
            ? "allowed"
            : "not allowed; add --enable-native-access=ALL-UNNAMED");
    line(
        "Agrona",
        Object.class.getModule().isExported(AGRONA_PACKAGE, own)
            ? "may read memory"
            : "may not read memory; add --add-exports=java.base/"
                + AGRONA_PACKAGE
                + "=ALL-UNNAMED");
    line("policies", policies());
    line("models", String.join(", ", Presets.models(null).names()));
    line("schemes", schemes());
    line("tiers", tiers());
    line("retrievers", retrievers());
    backends();
    devices();
  }

  private void line(String name, String value) {
    PrintWriter out = spec.commandLine().getOut();
    out.printf("%-18s %s%n", name, value);
  }

  private static String policies() {
    return PolicyCatalog.all().stream().map(PolicySpec::name).collect(Collectors.joining(", "));
  }

  private static String schemes() {
    return CodecCatalog.all().stream()
        .map(catalog ->
            catalog.schemes().stream().map(SchemeSpec::name).collect(Collectors.joining(", "))
                + " ("
                + catalog.implementation()
                + ")")
        .collect(Collectors.joining("; "));
  }

  private static String tiers() {
    List<TierProvider> tiers = TierProvider.all();
    return tiers.isEmpty()
        ? "none on the class path; offload-herald has some"
        : tiers.stream().map(TierProvider::name).collect(Collectors.joining(", "));
  }

  private static String retrievers() {
    List<BlockRetriever> retrievers = BlockRetriever.all();
    return retrievers.isEmpty()
        ? "none on the class path; offload-herald has some"
        : retrievers.stream().map(BlockRetriever::name).collect(Collectors.joining(", "));
  }

  private void devices() {
    List<PageDevice> devices = PageDevice.all();
    for (int i = 0; i < devices.size(); i++) {
      PageDevice device = devices.get(i);
      String missing = device.unavailable();
      line(
          i == 0 ? "devices for pages" : "",
          device.name() + (missing == null ? ": " + device.summary() : " is not here: " + missing));
    }
  }

  /** One on each line: what is missing takes a sentence. */
  private void backends() {
    List<AttentionBackend> backends = AttentionBackend.all();
    if (backends.isEmpty()) {
      line(
          "attention kernels",
          "none on the class path; kernels has some, simulate and sweep need none");
    }
    for (int i = 0; i < backends.size(); i++) {
      line(i == 0 ? "attention kernels" : "", describe(backends.get(i)));
    }
  }

  private static String describe(AttentionBackend backend) {
    String missing = backend.unavailable();
    return backend.name()
        + (missing == null ? ": " + backend.summary() : " does not run here: " + missing);
  }

  private static String vectors() {
    @Nullable HotSpotDiagnosticMXBean bean =
        ManagementFactory.getPlatformMXBean(HotSpotDiagnosticMXBean.class);
    if (bean == null) {
      return "unknown to this JVM";
    }
    try {
      return Integer.parseInt(bean.getVMOption("MaxVectorSize").getValue()) * 8 + " bits";
    } catch (IllegalArgumentException e) {
      return "unknown to this JVM";
    }
  }
}
