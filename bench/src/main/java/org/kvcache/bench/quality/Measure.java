package org.kvcache.bench.quality;

/** The numbers of a {@link Quality}, in its order. */
enum Measure {
  OUTPUT_ERROR("outputError", "%.3f"),
  LOGIT_ERROR("logitError", "%.3f"),
  KEY_ERROR("keyError", "%.4f"),
  VALUE_ERROR("valueError", "%.4f"),
  KEY_COSINE("keyCosine", "%.4f");

  private final String field;
  private final String format;

  Measure(String field, String format) {
    this.field = field;
    this.format = format;
  }

  /** The name in JSON and CSV. */
  String field() {
    return field;
  }

  /** How tables print it. */
  String format() {
    return format;
  }

  double of(Quality quality) {
    return switch (this) {
      case OUTPUT_ERROR -> quality.outputError();
      case LOGIT_ERROR -> quality.logitError();
      case KEY_ERROR -> quality.keyError();
      case VALUE_ERROR -> quality.valueError();
      case KEY_COSINE -> quality.keyCosine();
    };
  }
}
