package io.sparkgrad.backend.cuda;

import static org.junit.jupiter.api.Assertions.assertEquals;

import io.sparkgrad.TensorScope;
import org.junit.jupiter.api.extension.AfterEachCallback;
import org.junit.jupiter.api.extension.BeforeEachCallback;
import org.junit.jupiter.api.extension.ExtensionContext;

/**
 * Each test of the class runs in a scope of its own and leaves no memory on the device. What it
 * left until a collection would be counted in the next class that asks how much is used.
 */
public final class NothingLeft implements BeforeEachCallback, AfterEachCallback {
  private TensorScope scope;

  @Override
  public void beforeEach(ExtensionContext context) {
    scope = TensorScope.open();
  }

  @Override
  public void afterEach(ExtensionContext context) {
    scope.close();
    assertEquals(0, CudaDevice.of(0).usedBytes());
  }
}
