package io.sparkgrad.examples;

import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertTrue;

import com.fasterxml.jackson.databind.JsonNode;
import com.fasterxml.jackson.databind.ObjectMapper;
import com.fasterxml.jackson.databind.node.ObjectNode;
import com.sun.net.httpserver.HttpExchange;
import com.sun.net.httpserver.HttpServer;
import java.io.IOException;
import java.net.InetAddress;
import java.net.InetSocketAddress;
import java.util.ArrayList;
import java.util.HashMap;
import java.util.List;
import java.util.Map;
import java.util.UUID;
import java.util.concurrent.ConcurrentHashMap;
import java.util.regex.Matcher;
import java.util.regex.Pattern;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Tag;
import org.junit.jupiter.api.Test;

/**
 * What {@code cluster-config/kubernetes/submit.sh} asks a cluster for, by Spark's own client: the
 * API server here keeps what it is sent, and starts nothing.
 */
@Tag("matrix")
class KubernetesIT {
  private static final ObjectMapper JSON = new ObjectMapper();

  private static final Pattern NAMESPACE = Pattern.compile("/namespaces/([^/]+)/");

  private final Map<String, JsonNode> posted = new ConcurrentHashMap<>(); // by kind, the last one
  private HttpServer server;

  @BeforeEach
  void start() throws IOException {
    server = HttpServer.create(new InetSocketAddress(InetAddress.getLoopbackAddress(), 0), 0);
    server.createContext("/", this::answer);
    server.start();
  }

  @AfterEach
  void stop() {
    server.stop(0);
  }

  /* As the real one: what is created or applied comes back, with an identity and
   * the namespace of its address. */
  private void answer(HttpExchange exchange) throws IOException {
    byte[] body = exchange.getRequestBody().readAllBytes();
    byte[] reply = "{\"kind\":\"List\",\"apiVersion\":\"v1\",\"items\":[]}".getBytes();
    int status = 200;
    if (body.length > 0) {
      ObjectNode object = (ObjectNode) JSON.readTree(body);
      object.withObject("/metadata").put("uid", UUID.randomUUID().toString());
      Matcher in = NAMESPACE.matcher(exchange.getRequestURI().getPath());
      if (in.find()) object.withObject("/metadata").put("namespace", in.group(1));
      posted.put(object.path("kind").asText(), object);
      reply = JSON.writeValueAsBytes(object);
      status = 201;
    }
    exchange.getResponseHeaders().add("Content-Type", "application/json");
    exchange.sendResponseHeaders(status, reply.length);
    exchange.getResponseBody().write(reply);
    exchange.close();
  }

  @Test
  void theDriversPodIsWhatTheSettingsSay() throws Exception {
    submit(Map.of());
    JsonNode pod = posted.get("Pod");
    assertEquals("ml", pod.at("/metadata/namespace").asText());
    assertEquals("spark", pod.at("/spec/serviceAccountName").asText());
    JsonNode driver = pod.at("/spec/containers/0");
    assertEquals("spark-java17:1", driver.path("image").asText());
    assertEquals("1", driver.at("/resources/requests/cpu").asText());
    assertEquals("1408Mi", driver.at("/resources/limits/memory").asText());
    List<String> arguments = new ArrayList<>();
    driver.path("args").forEach(a -> arguments.add(a.asText()));
    assertEquals(
        List.of("io.sparkgrad.examples.TrainDigits", "local:///opt/app.jar", "--workers", "4"),
        arguments.subList(arguments.size() - 4, arguments.size()));
    assertEquals("None", posted.get("Service").at("/spec/clusterIP").asText());
    String settings = posted.get("ConfigMap").at("/data/spark.properties").asText();
    assertTrue(settings.contains("spark.executor.instances=2\n"), settings);
    assertTrue(settings.contains("spark.executor.memory=2g\n"), settings);
  }

  @Test
  void withGpusTheExecutorsAskForOneEach() throws Exception {
    submit(Map.of("GPU", "1"));
    String settings = posted.get("ConfigMap").at("/data/spark.properties").asText();
    assertTrue(settings.contains("spark.executor.resource.gpu.amount=1\n"), settings);
    assertTrue(settings.contains("spark.executor.resource.gpu.vendor=nvidia.com\n"), settings);
    assertTrue(settings.contains("spark.sparkgrad.gpu=require\n"), settings);
  }

  private void submit(Map<String, String> more) throws Exception {
    Map<String, String> environment = new HashMap<>(more);
    environment.put("SPARK_HOME", ClustersSpark.home().toString());
    environment.put("MASTER", "k8s://http://127.0.0.1:" + server.getAddress().getPort());
    environment.put("IMAGE", "spark-java17:1");
    environment.put("NAMESPACE", "ml");
    ClustersSpark.submit(
        "kubernetes",
        environment,
        List.of(
            "--conf",
            "spark.kubernetes.submission.waitAppCompletion=false",
            "--conf",
            "spark.kubernetes.submission.requestTimeout=120000", // a busy machine is no fault
            "--conf",
            "spark.kubernetes.submission.connectionTimeout=120000",
            "--class",
            "io.sparkgrad.examples.TrainDigits"),
        "local:///opt/app.jar",
        "--workers",
        "4");
  }
}
