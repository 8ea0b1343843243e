package org.kvcache.sim.cli;

import java.io.PrintWriter;
import java.util.List;
import java.util.Locale;
import org.kvcache.ByteSize;
import org.kvcache.sim.trace.TraceException;
import picocli.CommandLine;
import picocli.CommandLine.MissingParameterException;
import picocli.CommandLine.ParameterException;
import picocli.CommandLine.UnmatchedArgumentException;

/**
 * An exception as the user meets it: a sentence and an exit code.
 *
 * @param sentence what is wrong and how to mend it
 * @param usage true if the command line itself is wrong, so that its help is worth naming
 * @param code the exit code
 * @param cause for the stack trace
 */
record Complaint(String sentence, boolean usage, int code, Throwable cause) {
  static final int BUG = 1;
  static final int BAD_INPUT = 2;
  private static final int SUGGESTIONS = 2;

  static Complaint of(Throwable e) {
    if (e instanceof ParameterException wrong) {
      return new Complaint(sentence(wrong), true, BAD_INPUT, e);
    } else if (isForTheUser(e)) {
      return new Complaint(String.valueOf(e.getMessage()), false, BAD_INPUT, e);
    } else if (e instanceof OutOfMemoryError) {
      long heap = Runtime.getRuntime().maxMemory();
      String sentence =
          "the memory is full (%s of heap); give more, for example KVCACHE_JAVA_OPTS=-Xmx%dg"
              .formatted(ByteSize.format((double) heap), Math.max(2, heap >> 29));
      return new Complaint(sentence, false, BAD_INPUT, e);
    }
    return new Complaint("internal error: " + e + "; --debug shows where", false, BUG, e);
  }

  /** An IllegalArgumentException that the JDK or a library throws is a bug of ours. */
  private static boolean isForTheUser(Throwable e) {
    StackTraceElement[] stack = e.getStackTrace();
    return e instanceof TraceException
        || (e instanceof IllegalArgumentException
            && stack.length > 0
            && stack[0].getClassName().startsWith("org.kvcache."));
  }

  private static String sentence(ParameterException e) {
    if (e instanceof UnmatchedArgumentException unmatched && !unmatched.getUnmatched().isEmpty()) {
      String first = unmatched.getUnmatched().getFirst();
      String kind =
          unmatched.isUnknownOption()
              ? "option"
              : e.getCommandLine().getParent() == null ? "command" : "argument";
      List<String> near = unmatched.getSuggestions().stream().limit(SUGGESTIONS).toList();
      return "unknown %s '%s'%s"
          .formatted(
              kind,
              first,
              near.isEmpty() ? "" : "; did you mean '" + String.join("' or '", near) + "'?");
    }
    String message = String.valueOf(e.getMessage()).lines().findFirst().orElse("bad use");
    if (e instanceof MissingParameterException) {
      message = message.replaceFirst(" required (option|parameter)", " $1");
    }
    return message.substring(0, 1).toLowerCase(Locale.ROOT) + message.substring(1);
  }

  /** Prints the sentence, and where asked for the stack trace; returns the exit code. */
  int print(PrintWriter err, CommandLine commandLine) {
    err.println("kvcache: " + sentence);
    if (usage) {
      err.println("see " + commandLine.getCommandSpec().qualifiedName() + " --help");
    }
    RootCommand root = commandLine.getCommandSpec().root().commandLine().getCommand();
    if (root.debug || Boolean.getBoolean("kvcache.debug")) {
      cause.printStackTrace(err);
    }
    err.flush();
    return code;
  }
}
