package org.kvcache.bench.kernels;

/**
 * What one kernel erred in one case.
 *
 * @param kernel what was run: store, decode, block, score, …
 * @param scheme how K and V are stored, or a dash
 * @param error relative: the norm of the difference over the norm of what is right
 * @param limit what it may be
 * @param where the shape, for people
 */
record CheckResult(String kernel, String scheme, double error, double limit, String where) {

  boolean passed() {
    return error <= limit; // NaN does not pass
  }
}
