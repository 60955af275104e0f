package io.sparkgrad.nn.vision;

import io.sparkgrad.Tensor;
import io.sparkgrad.nn.BatchNorm2d;
import io.sparkgrad.nn.Conv2d;
import io.sparkgrad.nn.Module;
import io.sparkgrad.nn.ReLU;
import io.sparkgrad.nn.Sequential;

/** Two convolutions of three by three pixels beside a shortcut: ResNet-18's and 34's. */
final class BasicBlock extends Module {
  private static final long serialVersionUID = 1;

  final Module conv1;
  final Module bn1;
  final Module relu = new ReLU();
  final Module conv2;
  final Module bn2;
  final Module downsample; // null where the input has the output's shape

  BasicBlock(int channels, int planes, int stride) {
    conv1 = new Conv2d(channels, planes, 3, stride, 1, false);
    bn1 = new BatchNorm2d(planes);
    conv2 = new Conv2d(planes, planes, 3, 1, 1, false);
    bn2 = new BatchNorm2d(planes);
    downsample = downsample(channels, planes, stride);
  }

  static Module downsample(int channels, int outputs, int stride) {
    if (stride == 1 && channels == outputs) return null;
    return new Sequential(
        new Conv2d(channels, outputs, 1, stride, 0, false), new BatchNorm2d(outputs));
  }

  @Override
  public Tensor forward(Tensor x) {
    Tensor y = relu.apply(bn1.apply(conv1.apply(x)));
    y = bn2.apply(conv2.apply(y));
    return relu.apply(y.add(downsample == null ? x : downsample.apply(x)));
  }
}
