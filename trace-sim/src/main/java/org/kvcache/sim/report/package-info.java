/**
 * What replays gave, for people and for programs: tables, JSON, CSV, charts, one self-contained
 * HTML page.
 *
 * <p>Everything here is a function of {@link org.kvcache.sim.report.Results}; nothing replays. The
 * same results give the same bytes, apart from the times in them.
 */
@NullMarked
package org.kvcache.sim.report;

import org.jspecify.annotations.NullMarked;
