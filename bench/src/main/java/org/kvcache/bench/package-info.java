/**
 * JMH benchmarks of the policies, the block manager and the block hashers, and the commands {@code
 * kvcache jmh} and {@code kvcache peers}, which run them and compare with the Caffeine simulator.
 */
@NullMarked
package org.kvcache.bench;

import org.jspecify.annotations.NullMarked;
