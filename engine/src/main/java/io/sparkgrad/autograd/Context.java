package io.sparkgrad.autograd;

import io.sparkgrad.DType;
import io.sparkgrad.Device;
import io.sparkgrad.Tensor;

/** Carries tensors and facts from an operation's forward to its backward. */
public interface Context {
  /** For a call that is not recorded: saves nothing. */
  Context NONE =
      new Context() {
        @Override
        public boolean needsGrad(int input) {
          return false;
        }

        @Override
        public void save(Tensor... tensors) {}

        @Override
        public Tensor saved(int i) {
          throw new IllegalStateException("nothing was recorded");
        }

        @Override
        public Tensor[] allSaved() {
          return new Tensor[0];
        }

        @Override
        public int inputs() {
          throw new IllegalStateException("nothing was recorded");
        }

        @Override
        public int[] inputShape(int input) {
          throw new IllegalStateException("nothing was recorded");
        }

        @Override
        public DType inputDType(int input) {
          throw new IllegalStateException("nothing was recorded");
        }

        @Override
        public Device inputDevice(int input) {
          throw new IllegalStateException("nothing was recorded");
        }
      };

  /**
   * Whether backward will be asked for the gradient of this input; what only others need is not
   * worth saving.
   */
  boolean needsGrad(int input);

  /**
   * Keeps inputs, outputs or intermediates until backward; null is kept as null. Called once, from
   * forward.
   */
  void save(Tensor... tensors);

  /**
   * The i-th saved tensor.
   *
   * @throws AutogradException if it was changed in place since, or a backward has freed it
   */
  Tensor saved(int i);

  /** The saved tensors, unchecked. */
  Tensor[] allSaved();

  /** How many inputs the call had. */
  int inputs();

  int[] inputShape(int input);

  DType inputDType(int input);

  Device inputDevice(int input);
}
