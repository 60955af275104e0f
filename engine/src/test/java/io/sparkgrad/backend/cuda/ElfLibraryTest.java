package io.sparkgrad.backend.cuda;

import static org.junit.jupiter.api.Assertions.assertArrayEquals;
import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertFalse;
import static org.junit.jupiter.api.Assertions.assertThrows;
import static org.junit.jupiter.api.Assertions.assertTrue;

import java.io.IOException;
import java.nio.ByteBuffer;
import java.nio.charset.StandardCharsets;
import java.util.Arrays;
import java.util.Set;
import jcuda.JCudaVersion;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.function.Executable;

/** By JCublas2's native library, which is on the class path of every machine. */
class ElfLibraryTest {
  private static final String FROM = "libcublas.so.12";
  private static final String TO = "libcublas.so.13";

  @Test
  void itTellsItsNameAndWhatItNeeds() throws IOException {
    ElfLibrary library = library(bytes());
    assertEquals("libJCublas2-" + JCudaVersion.get() + "-linux-x86_64.so", library.name());
    assertTrue(library.needed().contains(FROM), library.needed().toString());
  }

  @Test
  void whatItCallsIsNotWhatItOffers() throws IOException {
    assertEquals(Set.of(), library(bytes()).symbols(FROM));
  }

  @Test
  void retargetedItNeedsTheOtherLibraryAndIsElseTheSame() throws IOException {
    byte[] before = bytes();
    byte[] after = ElfLibrary.retarget(before, FROM, TO);
    assertTrue(library(after).needed().contains(TO));
    assertFalse(library(after).needed().contains(FROM));
    int changed = 0;
    for (int i = 0; i < before.length; i++) if (before[i] != after[i]) changed++;
    assertEquals(2, changed, "the name's last digit, and that of the hash of its version");
    assertArrayEquals(before, ElfLibrary.retarget(after, TO, FROM));
  }

  @Test
  void whatItDoesNotNeedCannotBeRetargeted() throws IOException {
    byte[] library = bytes();
    assertRefused(
        () -> ElfLibrary.retarget(library, TO, FROM),
        "the library asks for libcublas.so.13 0 times");
    assertRefused(() -> ElfLibrary.retarget(library, FROM, "libcublas.so.130"), "differ in length");
    assertRefused(
        () -> ElfLibrary.retarget(library, "libpthread.so.0", "libpthread.so.1"),
        "by a version GLIBC");
  }

  @Test
  void whatIsNoLibraryIsSaid() throws IOException {
    byte[] library = bytes();
    assertRefused(() -> library(Arrays.copyOf(library, 10_000)), "not a whole shared library");
    assertRefused(() -> library(new byte[3]), "not a whole shared library");
    byte[] text = "a text that is no library".getBytes(StandardCharsets.US_ASCII);
    assertRefused(() -> library(text), "not a shared library of 64-bit Linux");
  }

  private static void assertRefused(Executable call, String why) {
    String message = assertThrows(IllegalArgumentException.class, call).getMessage();
    assertTrue(message.contains(why), message);
  }

  private static ElfLibrary library(byte[] bytes) {
    return new ElfLibrary(ByteBuffer.wrap(bytes));
  }

  private static byte[] bytes() throws IOException {
    String file = "/lib/libJCublas2-" + JCudaVersion.get() + "-linux-x86_64.so";
    try (var in = JCudaVersion.class.getResourceAsStream(file)) {
      return in.readAllBytes();
    }
  }
}
