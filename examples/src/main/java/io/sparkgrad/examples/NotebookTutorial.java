package io.sparkgrad.examples;

import io.sparkgrad.Grad;
import io.sparkgrad.Parameter;
import io.sparkgrad.Tensor;
import io.sparkgrad.nn.Linear;
import io.sparkgrad.nn.vision.ResNet;
import io.sparkgrad.optim.LocalOptimizer;
import io.sparkgrad.optim.SGD;
import java.io.IOException;
import java.nio.file.Path;
import java.util.Arrays;
import java.util.List;
import java.util.Locale;
import java.util.Map;

/**
 * A notebook about autograd (PyTorch 1.4) in Java, its cells in order: sums and powers, integers,
 * non-leaves, a ResNet and its fine-tuning, and modes of recording. The ResNet's weights are
 * random, or those of {@code --checkpoint FILE}, torchvision's resnet18-5c106cde.pth.
 */
public final class NotebookTutorial {
  private NotebookTutorial() {}

  public static void main(String[] args) throws IOException {
    Options options = Options.of(args);
    String checkpoint = options.string("checkpoint", "");
    options.rejectUnknown();
    sumOfTwo();
    integers();
    nonLeaves();
    step(resnet(checkpoint));
    fineTune(resnet(checkpoint));
    modes();
  }

  private static void sumOfTwo() {
    Tensor x = Tensor.ones(2, 2).requiresGrad_();
    Tensor y = Tensor.zeros(2, 2).requiresGrad_();
    System.out.println(y);
    Tensor z = x.add(y).sum();
    System.out.println(z);
    z.backward();
    System.out.println(x.grad());
    z.backward(); // a sum saves nothing, so this needs no retainGraph
    System.out.println(x.grad());
    x.grad().zero_();
    System.out.println(x.grad());

    Tensor a = Tensor.ones(2, 2).requiresGrad_();
    Tensor b = Tensor.ones(2, 2).requiresGrad_();
    Tensor h = a.pow(2).add(b.pow(3));
    System.out.println(h);
    h.backward(Tensor.ones(2, 2));
    System.out.println(a.grad());
    System.out.println(b.grad());
  }

  private static void integers() {
    Tensor sum = Tensor.of(new int[] {1, 2, 3}, 3).add(Tensor.of(new int[] {1, 1, 1}, 3));
    System.out.println(sum);
    try {
      sum.requiresGrad_();
    } catch (RuntimeException refused) {
      System.out.println(refused.getMessage());
    }
  }

  private static void nonLeaves() {
    Tensor x = Tensor.ones(2, 2).requiresGrad_();
    Tensor h = x.mul(2).sum();
    h.retainGrad(); // without it h.grad() stays null: h is no leaf
    h.backward();
    System.out.println(h.grad());
  }

  private static ResNet resnet(String checkpoint) throws IOException {
    ResNet model = ResNet.resnet18(1000);
    if (!checkpoint.isEmpty()) model.load(Path.of(checkpoint));
    return model;
  }

  private static void step(ResNet model) {
    Tensor data = Tensor.rand(1, 3, 64, 64);
    Tensor labels = Tensor.rand(1, 1000);
    Tensor prediction = model.apply(data);
    System.out.println(Arrays.toString(prediction.shape()));
    prediction.sub(labels).sum().backward();
    System.out.println(withGradient(model).size() + " gradients");
    Tensor bias = model.namedParameters().get("fc.bias");
    double before = bias.sum().item();
    new SGD(1e-2).momentum(0.9).over(model.parameters()).step();
    System.out.printf(Locale.ROOT, "the biases move by %.2f%n", bias.sum().item() - before);
  }

  private static void fineTune(ResNet model) {
    for (Parameter p : model.parameters()) p.requiresGrad_(false);
    model.fc = new Linear(512, 10); // and this one learns
    LocalOptimizer optimizer = new SGD(1e-2).momentum(0.9).over(model.fc.parameters());
    model.apply(Tensor.rand(2, 3, 64, 64)).sum().backward();
    System.out.println(withGradient(model));
    optimizer.step();
  }

  private static List<String> withGradient(ResNet model) {
    return model.namedParameters().entrySet().stream()
        .filter(p -> p.getValue().grad() != null)
        .map(Map.Entry::getKey)
        .toList();
  }

  private static void modes() {
    Tensor x = Tensor.ones(2).requiresGrad_();
    Tensor w;
    try (var off = Grad.noGrad()) {
      w = x.add(1);
      try (var on = Grad.setGradEnabled(true)) {
        System.out.println(x.add(1).requiresGrad());
      }
    }
    System.out.println(w.requiresGrad());
    System.out.println(x.requiresGrad());
  }
}
