package org.kvcache.offload;

import java.util.List;
import net.openhft.chronicle.bytes.MappedBytes;

/**
 * The JVM flags that Chronicle Bytes needs to map a file. It fails deep inside without them, so
 * they are looked for first.
 */
final class MappingFlags {

  private static final List<String> OPENED = List.of("java.lang.reflect", "sun.nio.ch");
  private static final String EXPORTED = "jdk.internal.ref"; // without it only a warning

  private MappingFlags() {}

  /**
   * Checks them.
   *
   * @throws IllegalArgumentException naming the flags, if one is missing
   */
  static void check() {
    check(Object.class.getModule(), MappedBytes.class.getModule());
  }

  static void check(Module base, Module chronicle) {
    for (String opened : OPENED) {
      if (!base.isOpen(opened, chronicle)) {
        throw new IllegalArgumentException(
            "the disk tier maps files with Chronicle Bytes, and java.base does not open "
                + opened
                + " to it; start Java with "
                + flags(chronicle.isNamed() ? chronicle.getName() : "ALL-UNNAMED"));
      }
    }
  }

  private static String flags(String to) {
    return "--add-opens=java.base/%1$s=%4$s --add-opens=java.base/%2$s=%4$s --add-exports=java.base/%3$s=%4$s"
        .formatted(OPENED.get(0), OPENED.get(1), EXPORTED, to);
  }
}
