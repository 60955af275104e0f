package io.sparkgrad.cluster.ps;

import java.util.ArrayList;
import java.util.HashMap;
import java.util.List;
import java.util.Locale;
import java.util.Map;
import org.apache.spark.SparkEnv;
import org.apache.spark.network.client.TransportClientBootstrap;
import org.apache.spark.network.crypto.AuthClientBootstrap;
import org.apache.spark.network.crypto.AuthServerBootstrap;
import org.apache.spark.network.sasl.SecretKeyHolder;
import org.apache.spark.network.server.TransportServerBootstrap;
import org.apache.spark.network.util.MapConfigProvider;
import org.apache.spark.network.util.TransportConf;
import scala.Tuple2;

/**
 * Applies Spark's own protection to our channel, without a setting of ours.
 *
 * @param conf Spark's settings
 * @param keys source of the secrets; not used unless spark.authenticate is on
 */
record Security(Map<String, String> conf, SecretKeyHolder keys) {
  static final String AUTHENTICATE = "spark.authenticate";
  static final String CRYPTO = "spark.network.crypto.enabled";
  static final String CIPHER = "spark.network.crypto.cipher";
  static final String TLS = "spark.ssl.rpc.enabled";
  static final String SASL_ENCRYPTION = "spark.authenticate.enableSaslEncryption";

  static final Security NONE = new Security(Map.of(), null);

  /** The settings of the running Spark; none outside of Spark. */
  static Security current() {
    SparkEnv env = SparkEnv.get();
    if (env == null) return NONE;
    Map<String, String> conf = new HashMap<>();
    for (Tuple2<String, String> e : env.conf().getAll()) conf.put(e._1(), e._2());
    return new Security(conf, env.securityManager());
  }

  /**
   * Refuses a protection that Spark is set to and we cannot give.
   *
   * @return warnings to log
   * @throws IllegalStateException naming the setting and what to set instead
   */
  List<String> check() {
    if (on(TLS))
      throw new IllegalStateException(
          "%s is on, but sparkgrad cannot send gradients over TLS yet and will not send them in the clear. Set %s=true and %s=true instead of it."
              .formatted(TLS, AUTHENTICATE, CRYPTO));
    String cipher =
        new TransportConf("sparkgrad", new MapConfigProvider(conf)).cipherTransformation();
    if (on(CRYPTO) && cipher.toUpperCase(Locale.ROOT).contains("/GCM/"))
      throw new IllegalStateException(
          "%s=%s hangs on the second message of a connection (SPARK-56227). Set %s=AES/CTR/NoPadding."
              .formatted(CIPHER, cipher, CIPHER));
    List<String> warnings = new ArrayList<>();
    if (on(AUTHENTICATE) && on(SASL_ENCRYPTION) && !on(CRYPTO))
      warnings.add(
          "%s encrypts the gradients about 60 times slower than %s=true would."
              .formatted(SASL_ENCRYPTION, CRYPTO));
    return warnings;
  }

  List<TransportServerBootstrap> server(TransportConf transport) {
    return on(AUTHENTICATE) ? List.of(new AuthServerBootstrap(transport, keys)) : List.of();
  }

  List<TransportClientBootstrap> client(TransportConf transport) {
    String application = conf.getOrDefault("spark.app.id", "sparkgrad");
    return on(AUTHENTICATE)
        ? List.of(new AuthClientBootstrap(transport, application, keys))
        : List.of();
  }

  private boolean on(String key) {
    return Boolean.parseBoolean(conf.getOrDefault(key, "false").trim());
  }
}
