/** Reports of simulated serving: a table for the terminal, JSON, CSV and charts. */
@NullMarked
package org.kvcache.sim.report.serving;

import org.jspecify.annotations.NullMarked;
