package org.kvcache.sim.cost;

import java.math.BigDecimal;
import java.util.LinkedHashSet;
import java.util.Set;
import tools.jackson.databind.JsonNode;
import tools.jackson.databind.node.JsonNodeFactory;

/** The fields of one object of a file of presets; each complaint says where and how to mend it. */
final class PresetFields {
  private final String place;
  private final String path;
  private final JsonNode node;
  private final Set<String> known = new LinkedHashSet<>();

  private PresetFields(String place, String path, JsonNode node) {
    this.place = place;
    this.path = path;
    this.node = node;
  }

  /** The fields of a preset; {@code place} names the file and the preset. */
  static PresetFields of(String place, JsonNode node) {
    if (!node.isObject()) {
      throw new IllegalArgumentException(place + ": is not an object; write its fields in braces");
    }
    return new PresetFields(place, "", node);
  }

  /** The fields of an object inside. */
  PresetFields object(String name) {
    JsonNode value = value(name);
    if (!value.isObject()) {
      throw refused(name, value, "an object in braces");
    }
    return new PresetFields(place, path + name + ".", value);
  }

  /** The fields of an object inside, none if it is left out. */
  PresetFields optional(String name) {
    known.add(name);
    return node.has(name)
        ? object(name)
        : new PresetFields(place, path + name + ".", JsonNodeFactory.instance.objectNode());
  }

  /** A whole number from 1 on. */
  int count(String name) {
    JsonNode value = value(name);
    if (!value.isInt() || value.asInt() < 1) {
      throw refused(name, value, "a whole number of at least 1");
    }
    return value.asInt();
  }

  /** A number above 0, times {@code unit}. */
  double positive(String name, double unit) {
    JsonNode value = value(name);
    if (!value.isNumber() || !(value.asDouble() > 0) || Double.isInfinite(value.asDouble())) {
      throw refused(name, value, "a number above 0");
    }
    return value.decimalValue().multiply(BigDecimal.valueOf(unit)).doubleValue();
  }

  double positive(String name, double unit, double absent) {
    known.add(name);
    return node.has(name) ? positive(name, unit) : absent;
  }

  /** A number above 0 and at most 1. */
  double share(String name, double absent) {
    double share = positive(name, 1, absent);
    if (share > 1) {
      throw refused(name, value(name), "a number above 0 and at most 1");
    }
    return share;
  }

  /** True or false; false if it is left out. */
  boolean flag(String name) {
    JsonNode value = value(name);
    if (!value.isMissingNode() && !value.isBoolean()) {
      throw refused(name, value, "true or false");
    }
    return value.asBoolean(false);
  }

  /** Where the numbers are from, for readers of the file; anything will do. */
  void note(String name) {
    known.add(name);
  }

  /** Called when all fields are read. */
  void end() {
    for (String name : node.propertyNames()) {
      if (!known.contains(name)) {
        throw new IllegalArgumentException(
            "%s: unknown field '%s%s'; known: %s"
                .formatted(place, path, name, String.join(", ", known)));
      }
    }
  }

  private JsonNode value(String name) {
    known.add(name);
    return node.path(name);
  }

  private IllegalArgumentException refused(String name, JsonNode value, String need) {
    return new IllegalArgumentException(
        "%s: field '%s%s' is %s; it must be %s"
            .formatted(place, path, name, value.isMissingNode() ? "missing" : value, need));
  }
}
