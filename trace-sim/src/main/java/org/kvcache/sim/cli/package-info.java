/**
 * The command line {@code kvcache}: arguments, messages, exit codes, and the work that several
 * commands share. Modules that depend on this one add commands through {@link
 * org.kvcache.sim.cli.CommandProvider}.
 *
 * <p>Whatever the user can mend is an {@link IllegalArgumentException} (or a {@link
 * org.kvcache.sim.trace.TraceException}) whose message is one sentence; it is printed without a
 * stack trace and the exit code is 2.
 */
@NullMarked
package org.kvcache.sim.cli;

import org.jspecify.annotations.NullMarked;
