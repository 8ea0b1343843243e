/**
 * Traces of LLM serving: reading, writing, generating, describing, and the compact form that the
 * simulator replays.
 *
 * <p>{@link org.kvcache.sim.trace.TraceSource} opens a file or a generator as a stream of {@link
 * org.kvcache.sim.trace.Request requests}; {@link org.kvcache.sim.trace.Trace#load} folds that
 * stream once into a prefix tree, whose memory depends on the number of unique blocks and not on
 * the size of the file; {@link org.kvcache.sim.trace.TraceSummary} describes it; {@link
 * org.kvcache.sim.trace.TraceWriter} writes any stream back in any {@linkplain
 * org.kvcache.sim.trace.TraceFormat#writable writable} format.
 *
 * <p>Whatever is wrong with an input is reported as a {@link org.kvcache.sim.trace.TraceException},
 * whose message is one sentence meant for the user.
 */
@NullMarked
package org.kvcache.sim.trace;

import org.jspecify.annotations.NullMarked;
