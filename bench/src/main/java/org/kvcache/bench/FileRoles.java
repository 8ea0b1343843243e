package org.kvcache.bench;

import java.nio.file.InvalidPathException;
import java.nio.file.Path;
import java.util.LinkedHashMap;
import java.util.Map;
import org.jspecify.annotations.Nullable;
import org.kvcache.sim.report.ReportFile;

/** The files that a command line names, each by the option that names it, and no file twice. */
public final class FileRoles {
  private final Map<String, Path> paths = new LinkedHashMap<>();

  /** Nothing is named yet. */
  public FileRoles() {}

  /** A file to read. */
  public Path input(String option, String name) {
    try {
      return add(option, Path.of(name));
    } catch (InvalidPathException e) {
      throw new IllegalArgumentException(name + ": is not a file name (" + e.getReason() + ")", e);
    }
  }

  /** A file to write. */
  public ReportFile output(String option, String name) {
    ReportFile file = ReportFile.of(name);
    add(option, file.path());
    return file;
  }

  /** A file to write, if it is named. */
  public @Nullable ReportFile optionalOutput(String option, @Nullable String name) {
    return name == null ? null : output(option, name);
  }

  private Path add(String option, Path path) {
    var file = new ReportFile(path, "");
    paths.forEach((other, taken) -> {
      if (file.isSameAs(taken)) {
        throw new IllegalArgumentException(
            "%s: is named for %s and for %s; give each a file of its own"
                .formatted(path, other, option));
      }
    });
    paths.put(option, path);
    return path;
  }
}
