package org.kvcache.sim.reproduce;

import java.nio.file.Path;
import java.util.List;
import org.jspecify.annotations.Nullable;

/** One paper's setting. */
public interface Study {

  /** The name on the command line. */
  String name();

  /** Runs, at most, {@link #steps} times what {@code done} counts. */
  StudyResult run(Runnable done);

  /** How often {@link #run} calls {@code done}. */
  int steps();

  /**
   * All studies.
   *
   * @param scale how large
   * @param traces folder of real traces, if there is one
   */
  static List<Study> all(Scale scale, @Nullable Path traces) {
    return List.of(new ArcStudy(scale, traces), new UltraQuantStudy(scale), new HeraldStudy(scale));
  }

  /**
   * How large the studies are.
   *
   * @param quick fewer requests and settings, for a first look
   * @param seeds runs of each setting
   */
  record Scale(boolean quick, int seeds) {
    /** Checks the number. */
    public Scale {
      if (seeds < 1) {
        throw new IllegalArgumentException("seeds is " + seeds + "; give at least 1");
      }
    }

    /** For the assumptions of a study. */
    String describe() {
      return seeds == 1 ? "one seed" : "medians of " + seeds + " seeds";
    }
  }
}
