package org.kvcache.sim.cost;

import java.math.BigDecimal;
import tools.jackson.databind.json.JsonMapper;
import tools.jackson.databind.node.ObjectNode;

/** Writes a machine as {@link Presets#devices} reads it, to the last digit. */
public final class DevicePreset {
  private static final JsonMapper MAPPER = JsonMapper.builder().build();
  private static final int GIGA = 9;
  private static final int TERA = 12;
  private static final int MICRO = -6;
  private static final int PICO = -12;

  private DevicePreset() {}

  /**
   * A file with one machine.
   *
   * @param source where its numbers are from, for readers of the file
   */
  public static String json(Hardware machine, String source) {
    ObjectNode document = MAPPER.createObjectNode();
    ObjectNode device = document.putObject(machine.name()).put("source", source);
    Hardware.Gpu gpu = machine.gpu();
    ObjectNode gpuNode =
        device
            .putObject("gpu")
            .put("memoryGB", in(GIGA, gpu.memory()))
            .put("bandwidthGBps", in(GIGA, gpu.bandwidth()))
            .put("tflops", in(TERA, gpu.flops()))
            .put(Factor.LAYER.field(), in(MICRO, gpu.layerSeconds()))
            .put(Factor.GEMM.field(), gpu.gemmEfficiency())
            .put(Factor.BANDWIDTH.field(), gpu.bandwidthEfficiency())
            .put(Factor.ATTENTION.field(), gpu.attentionEfficiency())
            .put("memoryShare", gpu.memoryShare());
    if (gpu.interconnect() > 0) {
      gpuNode.put("interconnectGBps", in(GIGA, gpu.interconnect()));
    }
    device
        .putObject("host")
        .put("memoryGB", in(GIGA, machine.host().memory()))
        .put("bandwidthGBps", in(GIGA, machine.host().bandwidth()))
        .put("tflops", in(TERA, machine.host().flops()))
        .put("efficiency", machine.host().efficiency());
    device
        .putObject("link")
        .put("bandwidthGBps", in(GIGA, machine.link().bandwidth()))
        .put("efficiency", machine.link().efficiency());
    store(device.putObject("disk"), machine.disk());
    store(device.putObject("network"), machine.network());
    Hardware.Energy energy = machine.energy();
    device
        .putObject("energy")
        .put("idleWatts", energy.idleWatts())
        .put("picojoulesPerFlop", in(PICO, energy.joulesPerFlop()))
        .put("picojoulesPerByte", in(PICO, energy.joulesPerByte()))
        .put("picojoulesPerLinkByte", in(PICO, energy.joulesPerLinkByte()));
    return MAPPER.writerWithDefaultPrettyPrinter().writeValueAsString(document) + "\n";
  }

  private static void store(ObjectNode node, Hardware.Store store) {
    node.put("bandwidthGBps", in(GIGA, store.bandwidth()))
        .put("latencyMicros", in(MICRO, store.seconds()));
  }

  /** In a unit of a power of ten, without rounding. */
  private static BigDecimal in(int power, double value) {
    BigDecimal number = BigDecimal.valueOf(value).movePointLeft(power).stripTrailingZeros();
    return number.scale() < 0 ? number.setScale(0) : number;
  }
}
