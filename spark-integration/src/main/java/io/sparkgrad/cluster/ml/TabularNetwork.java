package io.sparkgrad.cluster.ml;

import com.fasterxml.jackson.databind.JsonNode;
import com.fasterxml.jackson.databind.node.ArrayNode;
import com.fasterxml.jackson.databind.node.ObjectNode;
import io.sparkgrad.nn.Dropout;
import io.sparkgrad.nn.Linear;
import io.sparkgrad.nn.Module;
import io.sparkgrad.nn.ReLU;
import io.sparkgrad.nn.Sequential;
import java.util.ArrayList;
import java.util.Arrays;
import java.util.List;

/** A network of {@link Networks} over numbers and categories. Immutable. */
public final class TabularNetwork implements Network {
  private static final long serialVersionUID = 1L;

  /** Which of them, by its name in JSON. */
  enum Kind {
    MLP("mlp"),
    WIDE_AND_DEEP("wideAndDeep"),
    DEEP_FM("deepFM");

    private final String type;

    Kind(String type) {
      this.type = type;
    }

    String type() {
      return type;
    }
  }

  private final Kind kind;
  private final int[] hidden;
  private final double dropout;
  private final int embedding;

  TabularNetwork(Kind kind, int... hidden) {
    this(kind, hidden, 0, 8);
  }

  private TabularNetwork(Kind kind, int[] hidden, double dropout, int embedding) {
    for (int width : hidden)
      if (width < 1)
        throw new IllegalArgumentException(
            "a hidden layer of %s must be at least 1 wide, got %s"
                .formatted(kind.type, Arrays.toString(hidden)));
    if (!(dropout >= 0 && dropout < 1))
      throw new IllegalArgumentException(
          "dropout of %s must be at least 0 and below 1, got %s".formatted(kind.type, dropout));
    if (embedding < 1)
      throw new IllegalArgumentException(
          "embedding of %s must be at least 1, got %d".formatted(kind.type, embedding));
    this.kind = kind;
    this.hidden = hidden.clone();
    this.dropout = dropout;
    this.embedding = embedding;
  }

  /** Drops so large a share of each hidden layer's outputs in training; default 0. */
  public TabularNetwork dropout(double share) {
    return new TabularNetwork(kind, hidden, share, embedding);
  }

  /** Gives each category a vector of so many numbers; default 8. */
  public TabularNetwork embedding(int size) {
    return new TabularNetwork(kind, hidden, dropout, size);
  }

  @Override
  public Module build(Sizes sizes) {
    if (kind == Kind.DEEP_FM && sizes.outputs() > 1)
      throw new IllegalArgumentException(
          "deepFM gives one number a row, for two classes or a regression, and %d are wanted: take mlp or wideAndDeep"
              .formatted(sizes.outputs()));
    if (kind == Kind.DEEP_FM && sizes.columns().size() < 2)
      throw new IllegalArgumentException(
          "deepFM multiplies categorical columns by pairs, and categoricalCols has %s: take mlp or wideAndDeep"
              .formatted(sizes.columns()));
    return new TabularModule(
        sizes, embedding, this::layers, kind != Kind.MLP, kind == Kind.DEEP_FM);
  }

  private Sequential layers(int inputs, int outputs) {
    List<Module> layers = new ArrayList<>();
    int width = inputs;
    for (int next : hidden) {
      layers.add(new Linear(width, next));
      layers.add(new ReLU());
      if (dropout > 0) layers.add(new Dropout(dropout));
      width = next;
    }
    layers.add(new Linear(width, outputs));
    return new Sequential(layers.toArray(new Module[0]));
  }

  @Override
  public String toJson() {
    ObjectNode json = Networks.JSON.createObjectNode().put("type", kind.type);
    ArrayNode widths = json.putArray("hidden");
    for (int width : hidden) widths.add(width);
    return json.put("dropout", dropout).put("embedding", embedding).toString();
  }

  static TabularNetwork of(Kind kind, JsonNode json) {
    json.fieldNames()
        .forEachRemaining(
            name -> {
              if (!List.of("type", "hidden", "dropout", "embedding").contains(name))
                throw new IllegalArgumentException(
                    "%s has hidden, dropout and embedding, got '%s' in %s"
                        .formatted(kind.type, name, json));
            });
    JsonNode widths = json.path("hidden");
    int[] hidden = new int[widths.size()];
    for (int i = 0; i < hidden.length; i++) hidden[i] = whole("hidden", widths.get(i), json);
    TabularNetwork network = new TabularNetwork(kind, hidden);
    if (json.has("embedding"))
      network = network.embedding(whole("embedding", json.get("embedding"), json));
    if (!json.has("dropout")) return network;
    if (!json.get("dropout").isNumber()) throw wrong("dropout", "a number", json);
    return network.dropout(json.get("dropout").doubleValue());
  }

  private static int whole(String name, JsonNode value, JsonNode json) {
    if (!value.isInt()) throw wrong(name, "whole", json);
    return value.intValue();
  }

  private static IllegalArgumentException wrong(String name, String what, JsonNode json) {
    return new IllegalArgumentException("%s must be %s, got %s".formatted(name, what, json));
  }

  @Override
  public boolean equals(Object o) {
    return o instanceof TabularNetwork n && toJson().equals(n.toJson());
  }

  @Override
  public int hashCode() {
    return toJson().hashCode();
  }

  @Override
  public String toString() {
    return toJson();
  }
}
