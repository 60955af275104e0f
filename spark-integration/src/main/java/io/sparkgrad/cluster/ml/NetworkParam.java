package io.sparkgrad.cluster.ml;

import org.apache.spark.ml.param.Param;
import org.apache.spark.ml.util.Identifiable;

/** A Param whose value is a network; JSON for the files of Spark ML. */
public final class NetworkParam extends Param<Network> {
  private static final long serialVersionUID = 1L;

  NetworkParam(Identifiable parent, String name, String doc) {
    super(parent, name, doc);
  }

  @Override
  public String jsonEncode(Network value) {
    return value.toJson();
  }

  @Override
  public Network jsonDecode(String json) {
    return Networks.fromJson(json);
  }
}
