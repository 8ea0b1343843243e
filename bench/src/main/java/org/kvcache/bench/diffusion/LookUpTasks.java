package org.kvcache.bench.diffusion;

import java.io.IOException;
import java.io.InputStream;
import java.io.UncheckedIOException;
import java.nio.charset.StandardCharsets;
import java.util.ArrayList;
import java.util.Collections;
import java.util.List;
import java.util.Random;
import org.kvcache.bench.diffusion.LookUpTask.Kind;

/**
 * Makes the task that the built-in model was trained for. A record {@code Kddddddddddddll} and an
 * end of line fill a block: its key, an upper-case letter of Latin-1, twelve digits, and twice its
 * link, the key of another record in lower case. Records stand in any order among runs of ordinary
 * text. The last block of a prompt asks {@code ?............ll} for one record, or with two links
 * for two: then columns 0 to 6 and 13 come from the first, 7 to 12 and 14 from the second. The
 * links of each block of the answer ask for the next. Belongs to one thread.
 */
public final class LookUpTasks {

  private static final String KEYS = "ÀÁÂÃÄÅÆÇÈÉÊËÌÍÎÏÐÑÒÓÔÕÖØÙÚÛÜÝ";
  private static final int LOWER_CASE = 'à' - 'À';
  private static final int DIGITS = 12;
  private static final int MOST_RECORDS = 26;
  private static final int LONGEST_RUN = 8;
  private static final int BLOCK = LookUpTask.BLOCK;

  private final Random random;
  private final String filler;

  private LookUpTasks(long seed, String filler) {
    random = new Random(seed);
    this.filler = filler;
  }

  /** The same tasks for the same seed, filled up with text of this project. */
  public static LookUpTasks seeded(long seed) {
    try (InputStream in = LookUpTasks.class.getResourceAsStream("filler.txt")) {
      if (in == null) {
        throw new IOException("resource filler.txt is missing");
      }
      return new LookUpTasks(seed, new String(in.readAllBytes(), StandardCharsets.US_ASCII));
    } catch (IOException e) {
      throw new UncheckedIOException("the text between records cannot be read", e);
    }
  }

  /**
   * The next task.
   *
   * @param promptTokens a multiple of 16; two fifths of the blocks are records, at most 26
   * @param blocks of the answer
   * @throws IllegalArgumentException if there are too few blocks for two records and the question
   */
  public LookUpTask next(Kind kind, int promptTokens, int blocks) {
    int context = promptTokens / BLOCK - 1;
    int count = Math.min(MOST_RECORDS, context * 2 / 5);
    if (promptTokens % BLOCK != 0 || count < 2) {
      throw new IllegalArgumentException(
          "a prompt of " + promptTokens + " tokens; it takes a multiple of 16, at least 96");
    }
    List<KeyedRecord> cycle = records(count);
    var prompt = new StringBuilder(promptTokens);
    context(cycle, context).forEach(prompt::append);
    int first = random.nextInt(count);
    int second = kind == Kind.ONE ? first : (first + 1 + random.nextInt(count - 1)) % count;
    prompt
        .append('?')
        .append(".".repeat(DIGITS))
        .append(lowerCase(cycle.get(first).key))
        .append(lowerCase(cycle.get(second).key))
        .append('\n');
    var expected = new StringBuilder(blocks * BLOCK);
    for (int i = 0; i < blocks; i++) {
      String one = cycle.get((first + i) % count).text();
      String two = cycle.get((second + i) % count).text();
      expected.append(one, 0, 7).append(two, 7, 13).append(one, 13, 14).append(two, 14, BLOCK);
    }
    return new LookUpTask(kind, prompt.toString(), expected.toString());
  }

  /** Records each of which names the next, and the last the first. */
  private List<KeyedRecord> records(int count) {
    var keys = new ArrayList<Character>();
    KEYS.chars().forEach(key -> keys.add((char) key));
    Collections.shuffle(keys, random);
    var records = new ArrayList<KeyedRecord>();
    for (int i = 0; i < count; i++) {
      var digits = new StringBuilder(DIGITS);
      for (int digit = 0; digit < DIGITS; digit++) {
        digits.append((char) ('0' + random.nextInt(10)));
      }
      records.add(new KeyedRecord(keys.get(i), digits.toString(), keys.get((i + 1) % count)));
    }
    return records;
  }

  /** Records and runs of text, shuffled; a run is not torn apart. */
  private List<String> context(List<KeyedRecord> records, int blocks) {
    var items = new ArrayList<String>();
    records.forEach(record -> items.add(record.text()));
    for (int left = blocks - records.size(); left > 0; ) {
      int run = Math.min(left, 1 + random.nextInt(LONGEST_RUN));
      int from = random.nextInt(filler.length() - run * BLOCK);
      items.add(filler.substring(from, from + run * BLOCK));
      left -= run;
    }
    Collections.shuffle(items, random);
    return items;
  }

  private static char lowerCase(char key) {
    return (char) (key + LOWER_CASE);
  }

  private record KeyedRecord(char key, String digits, char link) {

    String text() {
      char lower = lowerCase(link);
      return key + digits + lower + lower + '\n';
    }
  }
}
