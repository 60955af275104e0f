package io.sparkgrad.cluster.ps;

import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertFalse;
import static org.junit.jupiter.api.Assertions.assertInstanceOf;
import static org.junit.jupiter.api.Assertions.assertThrows;
import static org.junit.jupiter.api.Assertions.assertTrue;

import java.util.HashMap;
import java.util.List;
import java.util.Map;
import java.util.concurrent.CompletableFuture;
import java.util.concurrent.ExecutionException;
import org.apache.spark.network.sasl.SecretKeyHolder;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.ValueSource;

/** The gradient channel has the protection that Spark is set to, or refuses. */
class SecurityTest {
  private static final String HOST = "127.0.0.1";
  private static final String MARK = "this run id must not be readable on the wire";

  private static Security security(String secret, String... settings) {
    Map<String, String> conf = new HashMap<>(Map.of("spark.app.id", "app-1"));
    for (int i = 0; i < settings.length; i += 2) conf.put(settings[i], settings[i + 1]);
    return new Security(conf, secret == null ? null : new Keys(secret));
  }

  private static Security crypto(String secret) {
    return security(secret, Security.AUTHENTICATE, "true", Security.CRYPTO, "true");
  }

  private record Keys(String secret) implements SecretKeyHolder {
    @Override
    public String getSaslUser(String appId) {
      return "sparkSaslUser";
    }

    @Override
    public String getSecretKey(String appId) {
      return secret;
    }
  }

  @Test
  void gcmIsRefusedWithTheSettingThatWorks() {
    Security gcm =
        security(
            "s",
            Security.AUTHENTICATE,
            "true",
            Security.CRYPTO,
            "true",
            Security.CIPHER,
            "AES/GCM/NoPadding");
    var e = assertThrows(IllegalStateException.class, () -> new SparkTransport(HOST, HOST, 1, gcm));
    for (String part : List.of(Security.CIPHER, "AES/GCM/NoPadding", "AES/CTR/NoPadding"))
      assertTrue(e.getMessage().contains(part), e.getMessage());
  }

  @Test
  void gcmThatIsNotUsedIsNotRefused() {
    assertEquals(List.of(), security(null, Security.CIPHER, "AES/GCM/NoPadding").check());
  }

  @Test
  void tlsIsRefusedByName() {
    Security tls = security(null, Security.TLS, "true");
    var e = assertThrows(IllegalStateException.class, () -> new SparkTransport(HOST, HOST, 1, tls));
    assertTrue(e.getMessage().contains(Security.TLS), e.getMessage());
  }

  @Test
  void slowSaslEncryptionIsWarnedOf() {
    List<String> warnings =
        security("s", Security.AUTHENTICATE, "true", Security.SASL_ENCRYPTION, "true").check();
    assertEquals(1, warnings.size());
    assertTrue(warnings.get(0).contains(Security.SASL_ENCRYPTION), warnings.get(0));
  }

  @Test
  void theSameSecretWorksAndIsEncrypted() throws Exception {
    String wire = talk(crypto("secret"), crypto("secret"));
    assertFalse(wire.contains(MARK), "in the clear");
  }

  @Test
  void authenticationAloneWorksAndIsNotEncrypted() throws Exception {
    Security auth = security("secret", Security.AUTHENTICATE, "true");
    assertTrue(talk(auth, auth).contains(MARK), "the wire tap works");
  }

  @Test
  void saslEncryptionWorksAndIsEncrypted() throws Exception {
    Security sasl =
        security("secret", Security.AUTHENTICATE, "true", Security.SASL_ENCRYPTION, "true");
    assertFalse(talk(sasl, sasl).contains(MARK), "in the clear");
  }

  @ParameterizedTest
  @ValueSource(booleans = {true, false})
  void aWrongSecretIsRefused(boolean encrypted) {
    String[] settings = {Security.AUTHENTICATE, "true", Security.CRYPTO, "" + encrypted};
    assertRefused(security("secret", settings), security("guess", settings));
  }

  @ParameterizedTest
  @ValueSource(booleans = {true, false})
  void noSecretIsRefused(boolean encrypted) {
    String[] settings = {Security.AUTHENTICATE, "true", Security.CRYPTO, "" + encrypted};
    assertRefused(security("secret", settings), Security.NONE);
  }

  private static void assertRefused(Security server, Security client) {
    var e = assertThrows(ExecutionException.class, () -> talk(server, client));
    assertInstanceOf(Transport.Unreachable.class, e.getCause());
  }

  /** Sends messages through a proxy and gives what an eavesdropper saw. */
  private static String talk(Security serverSide, Security clientSide) throws Exception {
    try (SparkTransport server = new SparkTransport(HOST, HOST, 1, serverSide);
        SparkTransport client = new SparkTransport(HOST, HOST, 1, clientSide);
        RecordingProxy proxy = new RecordingProxy(server.address(), () -> false)) {
      CompletableFuture<Message> stranger = new CompletableFuture<>();
      server.serve(
          (m, reply) -> {
            stranger.complete(m);
            reply.send(m);
          });
      for (int i = 0; i < 3; i++) {
        Message m = new Message.Weights(MARK, i, 0, Floats.of(new float[300_000]));
        try {
          assertEquals(m, Cluster.get(client.call(proxy.address(), m)));
        } catch (ExecutionException e) {
          assertFalse(stranger.isDone(), "the handler saw a message of a stranger");
          throw e;
        }
      }
      return proxy.seen();
    }
  }
}
