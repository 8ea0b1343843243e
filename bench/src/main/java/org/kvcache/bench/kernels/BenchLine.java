package org.kvcache.bench.kernels;

/**
 * One scheme timed on one target.
 *
 * @param backend the target's name
 * @param scheme how K and V are stored
 * @param bytes codes and scales that one call reads
 * @param micros median time of a call
 * @param gigabytes {@code bytes} over the time, in GB/s
 * @param ofCopy that over the measured bandwidth of a copy, read and written bytes counted
 * @param timesBaseline how many times sooner than the widest scheme it is: f32 on CPUs, bf16 on
 *     GPUs
 * @param timesFp8 how many times sooner than fp8
 */
record BenchLine(
    String backend,
    String scheme,
    long bytes,
    double micros,
    double gigabytes,
    double ofCopy,
    double timesBaseline,
    double timesFp8) {}
