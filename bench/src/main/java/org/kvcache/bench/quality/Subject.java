package org.kvcache.bench.quality;

import org.kvcache.HeadCalibration;

/** A head that schemes are measured on. */
interface Subject {

  /** The distribution of its numbers, for users. */
  String distribution();

  /** Elements of a row. */
  int headDim();

  /** Draws or reads its numbers. */
  Data load();

  /**
   * What there is to measure on.
   *
   * @param sample tokens to encode and queries that attend to them
   * @param calibration of the head, from other tokens than those of the sample where there are any
   */
  record Data(KvSample sample, HeadCalibration calibration) {}
}
