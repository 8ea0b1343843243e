/**
 * The settings of three papers, served by the simulator, and their figures beside ours. The papers
 * leave out much of what decides such figures, so each study says what it takes instead, varies it,
 * and tunes nothing towards a published number.
 */
@NullMarked
package org.kvcache.sim.reproduce;

import org.jspecify.annotations.NullMarked;
