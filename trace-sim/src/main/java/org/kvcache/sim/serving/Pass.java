package org.kvcache.sim.serving;

import java.util.ArrayList;
import java.util.Arrays;
import java.util.List;
import org.kvcache.sim.cost.PassModel;

/**
 * A pass of a replica as it is put together, and what it will take; or several in a row that differ
 * in nothing but the length of their contexts.
 */
final class Pass {
  private final PassModel model;
  private final List<Sequence> sequences = new ArrayList<>();
  private int[] chunks = new int[64];
  private double rows;
  private double readTokens;
  private double pairs;
  private double attentionSeconds;
  private double draftRows;
  private double draftAttentionSeconds;
  private double[] ends = new double[64];
  private int repeats;

  Pass(PassModel model) {
    this.model = model;
  }

  void clear() {
    sequences.clear();
    rows = 0;
    readTokens = 0;
    pairs = 0;
    attentionSeconds = 0;
    draftRows = 0;
    draftAttentionSeconds = 0;
  }

  /** Adds a part of a sequence's prompt. */
  void addChunk(Sequence sequence, int tokens) {
    add(
        sequence,
        tokens,
        tokens,
        (double) sequence.computed + tokens,
        PassModel.causalPairs(sequence.computed, tokens));
  }

  /** Adds a sequence's decode step of so many rows, each attending to so many tokens. */
  void addStep(Sequence sequence, int stepRows, double read) {
    add(sequence, 0, stepRows, read, stepRows * read);
  }

  /** Adds rows that look ahead, beside a step of the same sequence. */
  void addDraft(int stepRows, double read) {
    double more =
        model.attentionSeconds(read, 2 * stepRows * read)
            - model.attentionSeconds(read, stepRows * read);
    rows += stepRows;
    pairs += stepRows * read;
    attentionSeconds += more;
    draftRows += stepRows;
    draftAttentionSeconds += more;
  }

  private void add(Sequence sequence, int chunk, int newRows, double read, double newPairs) {
    int at = sequences.size();
    if (at == chunks.length) {
      chunks = Arrays.copyOf(chunks, at * 2);
    }
    chunks[at] = chunk;
    sequences.add(sequence);
    rows += newRows;
    readTokens += read;
    pairs += newPairs;
    attentionSeconds += model.attentionSeconds(read, newPairs);
  }

  boolean isEmpty() {
    return sequences.isEmpty();
  }

  int size() {
    return sequences.size();
  }

  Sequence sequence(int index) {
    return sequences.get(index);
  }

  /** Tokens of the prompt that sequence {@code index} computes; 0 if it decodes. */
  int chunk(int index) {
    return chunks[index];
  }

  int rows() {
    return (int) rows;
  }

  /**
   * Sets when the pass ends, and those after it that are alike, each sequence's context longer by
   * {@code growth} than before: at most {@code most}, and none that begins at {@code until} or
   * later.
   *
   * @return when the last one ends
   */
  double schedule(double start, int most, int growth, double until) {
    if (ends.length < most) {
      ends = new double[most];
    }
    double more = sequences.size() * model.attentionSeconds(growth, growth);
    double end = start;
    repeats = 0;
    do {
      end += model.seconds(rows, attentionSeconds + repeats * more);
      ends[repeats++] = end;
    } while (repeats < most && end < until);
    return end;
  }

  /** Passes in a row. */
  int repeats() {
    return repeats;
  }

  /** When pass {@code index} of them ends. */
  double end(int index) {
    return ends[index];
  }

  private double seconds() {
    return model.seconds(rows, attentionSeconds);
  }

  /** The part of {@link #seconds} that looking ahead adds. */
  double draftSeconds() {
    return draftRows == 0
        ? 0
        : seconds() - model.seconds(rows - draftRows, attentionSeconds - draftAttentionSeconds);
  }

  /** Operations of all passes in the row, each of whose contexts grew by {@code growth}. */
  double operations(int growth) {
    return repeats * model.operations(rows, pairs + grown(growth));
  }

  /** Bytes that all passes in the row read. */
  double bytes(int growth) {
    return repeats * (model.weightBytes(rows) + model.attentionBytes(readTokens + grown(growth)));
  }

  /** Tokens by which contexts were longer than in the first pass, on average of the row. */
  private double grown(int growth) {
    return sequences.size() * growth * (repeats - 1) / 2.0;
  }
}
