package io.sparkgrad;

import static org.junit.jupiter.params.provider.Arguments.argumentSet;

import org.junit.jupiter.api.function.Executable;
import org.junit.jupiter.params.provider.Arguments;

/** A call that must fail, as one case of a parameterized test. */
public final class WrongCall {
  private WrongCall() {}

  /** Shown by the text that the error must contain; the arguments are the text and the call. */
  public static Arguments wrongCall(String text, Executable call) {
    return argumentSet(text, text, call);
  }
}
