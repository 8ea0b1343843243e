package org.kvcache.spi;

import java.util.List;
import java.util.ServiceLoader;
import java.util.stream.Collectors;
import org.jspecify.annotations.Nullable;

/**
 * A device that holds chosen pages and attends to them, found by {@link ServiceLoader} under a
 * name. Thread-safe.
 */
public interface PageDevice {

  /** The name in configurations; what follows a colon there is passed to {@link #open}. */
  String name();

  /** One line: what it is. */
  String summary();

  /** Null if it is in this machine, else one sentence that says what is missing. */
  @Nullable String unavailable();

  /**
   * Takes memory for pages.
   *
   * @throws IllegalArgumentException if the device takes no such shape, scheme, page or options
   */
  PagePool open(PagePoolContext context);

  /** Every device on the class path. */
  static List<PageDevice> all() {
    return ServiceLoader.load(PageDevice.class).stream().map(ServiceLoader.Provider::get).toList();
  }

  /**
   * The device called {@code name}, without options.
   *
   * @throws IllegalArgumentException if there is none or it is not in this machine
   */
  static PageDevice named(String name) {
    List<PageDevice> all = all();
    PageDevice found =
        all.stream()
            .filter(device -> device.name().equals(name))
            .findFirst()
            .orElseThrow(() ->
                new IllegalArgumentException(
                    "unknown device '%s'; known: %s"
                        .formatted(
                            name,
                            all.isEmpty()
                                ? "none, put offload-herald on the class path"
                                : all.stream()
                                    .map(PageDevice::name)
                                    .collect(Collectors.joining(", ")))));
    String missing = found.unavailable();
    if (missing != null) {
      throw new IllegalArgumentException("device '" + name + "' is not there: " + missing);
    }
    return found;
  }
}
