package io.sparkgrad.cluster.ml;

import com.fasterxml.jackson.core.JsonProcessingException;
import com.fasterxml.jackson.databind.DeserializationFeature;
import com.fasterxml.jackson.databind.JsonNode;
import com.fasterxml.jackson.databind.ObjectMapper;
import com.fasterxml.jackson.databind.node.ObjectNode;
import io.sparkgrad.nn.Module;

/**
 * Networks without code, sized by the data: a Java value, JSON and the value of a Param at once.
 *
 * <pre>{@code
 * Networks.mlp(100, 50).dropout(0.2)       // {"type":"mlp","hidden":[100,50],"dropout":0.2,...}
 * Networks.wideAndDeep(100, 50)
 * Networks.deepFM(64, 64).embedding(16)
 * Networks.of(MyNetwork.class)             // {"type":"class","name":"com.example.MyNetwork"}
 * }</pre>
 */
public final class Networks {
  static final ObjectMapper JSON =
      new ObjectMapper().enable(DeserializationFeature.FAIL_ON_TRAILING_TOKENS);

  private Networks() {}

  /**
   * A multilayer perceptron: numbers and the embeddings of categorical columns side by side, then
   * hidden layers of these widths; none: a linear model.
   */
  public static TabularNetwork mlp(int... hidden) {
    return new TabularNetwork(TabularNetwork.Kind.MLP, hidden);
  }

  /**
   * Wide and deep (Cheng et al. 2016, arXiv:1606.07792): {@link #mlp} plus a linear model of the
   * numbers and of each category.
   */
  public static TabularNetwork wideAndDeep(int... hidden) {
    return new TabularNetwork(TabularNetwork.Kind.WIDE_AND_DEEP, hidden);
  }

  /**
   * DeepFM (Guo et al. 2017, arXiv:1703.04247): {@link #wideAndDeep} plus the products of the
   * categorical columns' embeddings by pairs. For two classes, or a regression.
   */
  public static TabularNetwork deepFM(int... hidden) {
    return new TabularNetwork(TabularNetwork.Kind.DEEP_FM, hidden);
  }

  /**
   * A class of one's own, which a saved model names: a {@link Network}, or a {@link Module} whose
   * sizes are its own; with a public constructor without arguments.
   *
   * @throws IllegalArgumentException if it is neither, or has no such constructor
   */
  public static Network of(Class<?> type) {
    return new ClassNetwork(type);
  }

  /**
   * The network that {@link Network#toJson} described.
   *
   * @throws IllegalArgumentException for a text that describes none; it names what is wrong
   */
  public static Network fromJson(String json) {
    JsonNode node = parse(json);
    String type = node.path("type").asText("");
    if (type.equals(ClassNetwork.TYPE)) return ClassNetwork.of(node);
    for (TabularNetwork.Kind kind : TabularNetwork.Kind.values())
      if (kind.type().equals(type)) return TabularNetwork.of(kind, node);
    throw new IllegalArgumentException(
        "the type of a network is one of mlp, wideAndDeep, deepFM and class, got '%s' in %s"
            .formatted(type, json));
  }

  private static JsonNode parse(String json) {
    try {
      JsonNode node = JSON.readTree(json);
      if (node instanceof ObjectNode) return node;
    } catch (JsonProcessingException e) {
      throw new IllegalArgumentException(
          "a network is described by a JSON object, got %s: %s"
              .formatted(json, e.getOriginalMessage()),
          e);
    }
    throw new IllegalArgumentException("a network is described by a JSON object, got " + json);
  }
}
