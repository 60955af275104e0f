package io.sparkgrad.cluster.ml;

import com.fasterxml.jackson.core.JsonProcessingException;
import com.fasterxml.jackson.databind.JsonNode;
import com.fasterxml.jackson.databind.node.ArrayNode;
import com.fasterxml.jackson.databind.node.ObjectNode;
import java.util.ArrayList;
import java.util.List;
import java.util.function.Consumer;
import org.apache.hadoop.fs.Path;
import org.apache.spark.SparkContext;
import org.apache.spark.api.java.JavaSparkContext;
import org.apache.spark.ml.param.Param;
import org.apache.spark.ml.param.Params;

/**
 * The JSON of a saved stage: MLlib's members ({@code class}, {@code timestamp}, {@code
 * sparkVersion}, {@code uid}, {@code paramMap}, {@code defaultParamMap}) and {@code sparkgrad}, of
 * this format's version and, of a model, its network and sizes.
 */
final class StageMetadata {
  private static final String FOLDER = "metadata"; // MLlib's
  private static final String OWN = "sparkgrad";
  private static final int FORMAT = 1;

  private StageMetadata() {}

  /**
   * @param model null: an estimator
   */
  static ObjectNode of(Params stage, NeuralModel<?> model, String sparkVersion) {
    ObjectNode json = Networks.JSON.createObjectNode();
    json.put("class", stage.getClass().getName());
    json.put("timestamp", System.currentTimeMillis());
    json.put("sparkVersion", sparkVersion);
    json.put("uid", stage.uid());
    ObjectNode set = json.putObject("paramMap");
    ObjectNode defaults = json.putObject("defaultParamMap");
    for (Param<?> param : stage.params()) put(stage, param, set, defaults);
    ObjectNode own = json.putObject(OWN).put("format", FORMAT);
    if (model == null) return json;
    own.set("network", parse(model.network().toJson()));
    Sizes sizes = model.sizes();
    ObjectNode data = own.putObject("sizes").put("features", sizes.features());
    ArrayNode categories = data.putArray("categories");
    sizes.categories().forEach(categories::add);
    ArrayNode columns = data.putArray("columns");
    sizes.columns().forEach(columns::add);
    data.put("outputs", sizes.outputs());
    return json;
  }

  private static <T> void put(Params stage, Param<T> param, ObjectNode set, ObjectNode defaults) {
    if (stage.isSet(param)) set.set(param.name(), parse(param.jsonEncode(stage.get(param).get())));
    if (stage.hasDefault(param))
      defaults.set(param.name(), parse(param.jsonEncode(stage.getDefault(param).get())));
  }

  static void write(String json, String path, SparkContext spark) {
    JavaSparkContext.fromSparkContext(spark)
        .parallelize(List.of(json), 1)
        .saveAsTextFile(new Path(path, FOLDER).toString());
  }

  /**
   * Reads and checks it.
   *
   * @throws IllegalArgumentException if it is of another class or a newer format
   */
  static JsonNode read(Class<?> type, String path, SparkContext spark) {
    String text =
        JavaSparkContext.fromSparkContext(spark)
            .textFile(new Path(path, FOLDER).toString(), 1)
            .first();
    JsonNode json = parse(text);
    String found = json.path("class").asText("");
    if (!found.equals(type.getName()))
      throw new IllegalArgumentException(
          "Error loading metadata: Expected class name %s but found class name %s in %s"
              .formatted(type.getName(), found, path));
    int format = json.path(OWN).path("format").asInt(0);
    if (format != FORMAT)
      throw new IllegalArgumentException(
          "%s has format %d of sparkgrad, this version reads %d".formatted(path, format, FORMAT));
    return json;
  }

  /** Sets the Params that the file has, values and defaults. */
  static void setParams(Params stage, JsonNode json) {
    each(json.path("paramMap"), name -> set(stage, name, json.path("paramMap"), false));
    each(
        json.path("defaultParamMap"), name -> set(stage, name, json.path("defaultParamMap"), true));
  }

  private static void each(JsonNode object, Consumer<String> action) {
    object.fieldNames().forEachRemaining(action);
  }

  private static void set(Params stage, String name, JsonNode values, boolean asDefault) {
    Param<Object> param = stage.getParam(name);
    Object value = param.jsonDecode(values.get(name).toString());
    if (asDefault) stage.setDefault(param, value);
    else stage.set(param, value);
  }

  static SizedNetwork network(JsonNode json) {
    JsonNode own = json.path(OWN);
    JsonNode sizes = own.path("sizes");
    List<Integer> categories = new ArrayList<>();
    sizes.path("categories").forEach(c -> categories.add(c.asInt()));
    List<String> columns = new ArrayList<>();
    sizes.path("columns").forEach(c -> columns.add(c.asText()));
    return new SizedNetwork(
        Networks.fromJson(own.path("network").toString()),
        new Sizes(
            sizes.path("features").asInt(), categories, columns, sizes.path("outputs").asInt()));
  }

  private static JsonNode parse(String json) {
    try {
      return Networks.JSON.readTree(json);
    } catch (JsonProcessingException e) {
      throw new IllegalArgumentException(
          "the metadata of a saved stage is damaged: " + e.getOriginalMessage(), e);
    }
  }
}
