/**
 * What simulated serving gave, for people and for programs: tables, JSON, CSV, charts.
 *
 * <p>Everything here is a function of {@link org.kvcache.sim.report.serving.ServingResults};
 * nothing simulates. The same results give the same bytes.
 */
@NullMarked
package org.kvcache.sim.report.serving;

import org.jspecify.annotations.NullMarked;
