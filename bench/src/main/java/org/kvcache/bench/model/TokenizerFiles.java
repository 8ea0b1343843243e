package org.kvcache.bench.model;

import java.nio.file.Path;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import org.kvcache.AtomicFile;
import tools.jackson.databind.json.JsonMapper;

/**
 * {@code tokenizer.json} and its configuration: byte pairs without a merge, a token a character. No
 * normalizer and no pre-tokenizer, so that Jlama takes each character, spaces too, as it stands.
 *
 * <p>Of {@code config.json} Jlama 0.8.4 reads {@code model_type}, {@code max_position_embeddings},
 * {@code hidden_size}, {@code intermediate_size}, {@code num_attention_heads}, {@code
 * num_key_value_heads}, {@code num_hidden_layers}, {@code rms_norm_eps}, {@code vocab_size}, {@code
 * bos_token_id}, {@code eos_token_id}, {@code hidden_act}, {@code rope_theta} and {@code
 * rope_scaling}; {@code head_dim} is {@code hidden_size / num_attention_heads} whatever it says.
 */
final class TokenizerFiles {

  private TokenizerFiles() {}

  /** Writes them for a vocabulary, whose first texts are unknown, begin and end. */
  static void write(Path directory, List<String> texts) {
    Map<String, Object> vocabulary = new LinkedHashMap<>();
    for (int id = 0; id < texts.size(); id++) {
      vocabulary.put(texts.get(id), id);
    }
    Map<String, Object> model = new LinkedHashMap<>();
    model.put("type", "BPE");
    model.put("unk_token", texts.getFirst());
    model.put("fuse_unk", false);
    model.put("byte_fallback", false);
    model.put("vocab", vocabulary);
    model.put("merges", List.of());
    Map<String, Object> tokenizer = new LinkedHashMap<>();
    tokenizer.put("version", "1.0");
    tokenizer.put(
        "added_tokens",
        List.of(
            special(0, texts), special(Vocabulary.BEGIN, texts), special(Vocabulary.END, texts)));
    tokenizer.put("model", model);
    put(directory.resolve("tokenizer.json"), tokenizer);
    put(
        directory.resolve("tokenizer_config.json"),
        Map.of(
            "bos_token", texts.get(Vocabulary.BEGIN),
            "eos_token", texts.get(Vocabulary.END),
            "unk_token", texts.getFirst(),
            "tokenizer_class", "LlamaTokenizer"));
  }

  private static Map<String, Object> special(int id, List<String> texts) {
    return Map.of("id", id, "content", texts.get(id), "special", true);
  }

  private static void put(Path file, Map<String, Object> content) {
    byte[] json =
        JsonMapper.builder().build().writerWithDefaultPrettyPrinter().writeValueAsBytes(content);
    AtomicFile.write(file, out -> out.write(json));
  }
}
