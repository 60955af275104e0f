package io.sparkgrad.nn.vision;

import io.sparkgrad.Tensor;
import io.sparkgrad.nn.BatchNorm2d;
import io.sparkgrad.nn.Conv2d;
import io.sparkgrad.nn.Module;
import io.sparkgrad.nn.ReLU;

/** A convolution of fewer channels between two of one pixel, beside a shortcut: ResNet-50's. */
final class Bottleneck extends Module {
  private static final long serialVersionUID = 1;

  /** Output channels for each inner one. */
  static final int EXPANSION = 4;

  final Module conv1;
  final Module bn1;
  final Module conv2;
  final Module bn2;
  final Module conv3;
  final Module bn3;
  final Module relu = new ReLU();
  final Module downsample; // null where the input has the output's shape

  Bottleneck(int channels, int planes, int stride) {
    int outputs = planes * EXPANSION;
    conv1 = new Conv2d(channels, planes, 1, 1, 0, false);
    bn1 = new BatchNorm2d(planes);
    conv2 = new Conv2d(planes, planes, 3, stride, 1, false);
    bn2 = new BatchNorm2d(planes);
    conv3 = new Conv2d(planes, outputs, 1, 1, 0, false);
    bn3 = new BatchNorm2d(outputs);
    downsample = BasicBlock.downsample(channels, outputs, stride);
  }

  @Override
  public Tensor forward(Tensor x) {
    Tensor y = relu.apply(bn1.apply(conv1.apply(x)));
    y = relu.apply(bn2.apply(conv2.apply(y)));
    y = bn3.apply(conv3.apply(y));
    return relu.apply(y.add(downsample == null ? x : downsample.apply(x)));
  }
}
