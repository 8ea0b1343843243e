package org.kvcache.bench.quality;

import java.util.ArrayList;
import java.util.List;
import java.util.concurrent.ExecutionException;
import java.util.concurrent.ExecutorService;
import java.util.concurrent.Executors;
import java.util.concurrent.Future;
import org.kvcache.HeadCalibration;
import org.kvcache.sim.cli.Progress;
import org.kvcache.spi.CodecCatalog;
import org.kvcache.spi.SchemeSpec;

/**
 * Measures schemes on heads. Results do not depend on the number of threads.
 *
 * @param schemes what to measure
 * @param calibrates whether schemes that take a calibration get one
 * @param subjects what to measure on
 */
record QualityStudy(List<SchemeSpec> schemes, boolean calibrates, List<Subject> subjects) {

  /**
   * Copies the lists and tries all schemes.
   *
   * @throws IllegalArgumentException if a scheme does not take heads of this size
   */
  QualityStudy {
    schemes = List.copyOf(schemes);
    subjects = List.copyOf(subjects);
    for (int headDim : subjects.stream().mapToInt(Subject::headDim).distinct().toArray()) {
      for (SchemeSpec scheme : schemes) {
        CodecCatalog.bind(
            scheme, headDim, SchemeTrial.BLOCK_TOKENS, HeadCalibration.identity(headDim));
      }
    }
  }

  /** How often {@link Progress} steps. */
  long steps() {
    return (long) schemes.size() * subjects.size();
  }

  /** Results by scheme, then by distribution, in the order of schemes and subjects. */
  List<QualityResult> run(Progress progress) {
    int threads = Math.clamp(subjects.size(), 1, Runtime.getRuntime().availableProcessors());
    try (ExecutorService pool = Executors.newFixedThreadPool(threads)) {
      List<Future<List<Quality>>> running =
          subjects.stream().map(head -> pool.submit(() -> measure(head, progress))).toList();
      var measured = new ArrayList<List<Quality>>();
      try {
        for (Future<List<Quality>> head : running) {
          measured.add(head.get());
        }
      } catch (ExecutionException e) {
        pool.shutdownNow();
        throw unwrapped(e);
      } catch (InterruptedException e) {
        pool.shutdownNow();
        Thread.currentThread().interrupt();
        throw new IllegalStateException("interrupted", e);
      }
      return medians(measured);
    }
  }

  private static RuntimeException unwrapped(ExecutionException e) {
    switch (e.getCause()) {
      case RuntimeException cause -> throw cause;
      case Error cause -> throw cause;
      case null, default -> throw new IllegalStateException(e);
    }
  }

  private List<Quality> measure(Subject subject, Progress progress) {
    Subject.Data data = subject.load();
    var exact = new ExactAttention(data.sample());
    var identity = HeadCalibration.identity(subject.headDim());
    var qualities = new ArrayList<Quality>();
    for (SchemeSpec scheme : schemes) {
      progress.say(scheme.name() + " on " + subject.distribution());
      var calibration = calibrates && scheme.calibrated() ? data.calibration() : identity;
      qualities.add(new SchemeTrial(data.sample(), exact, scheme, calibration).run());
      progress.step();
    }
    return qualities;
  }

  private List<QualityResult> medians(List<List<Quality>> measured) {
    List<String> distributions = subjects.stream().map(Subject::distribution).distinct().toList();
    var results = new ArrayList<QualityResult>();
    for (int s = 0; s < schemes.size(); s++) {
      SchemeSpec scheme = schemes.get(s);
      for (String distribution : distributions) {
        var qualities = new ArrayList<Quality>();
        int headDim = 0;
        for (int i = 0; i < subjects.size(); i++) {
          if (subjects.get(i).distribution().equals(distribution)) {
            qualities.add(measured.get(i).get(s));
            headDim = subjects.get(i).headDim();
          }
        }
        results.add(
            new QualityResult(
                scheme.name(),
                calibrates && scheme.calibrated(),
                distribution,
                headDim,
                qualities.size(),
                SchemeBits.of(scheme, headDim),
                Quality.median(qualities)));
      }
    }
    return results;
  }
}
