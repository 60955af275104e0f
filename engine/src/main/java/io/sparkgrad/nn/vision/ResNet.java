package io.sparkgrad.nn.vision;

import io.sparkgrad.Tensor;
import io.sparkgrad.nn.AdaptiveAvgPool2d;
import io.sparkgrad.nn.BatchNorm2d;
import io.sparkgrad.nn.Conv2d;
import io.sparkgrad.nn.Init;
import io.sparkgrad.nn.Linear;
import io.sparkgrad.nn.MaxPool2d;
import io.sparkgrad.nn.Module;
import io.sparkgrad.nn.ReLU;
import io.sparkgrad.nn.Sequential;

/**
 * Classes of images [n, 3, height, width]: He et al. 2015, arXiv:1512.03385, with torchvision's
 * names and initial values. Layers may be replaced: {@code model.fc = new Linear(512, 10)}.
 */
public final class ResNet extends Module {
  private static final long serialVersionUID = 1;

  public Module conv1 = new Conv2d(3, 64, 7, 2, 3, false);
  public Module bn1 = new BatchNorm2d(64);
  public Module relu = new ReLU();
  public Module maxpool = new MaxPool2d(3, 2, 1);
  public Module layer1;
  public Module layer2;
  public Module layer3;
  public Module layer4;
  public Module avgpool = new AdaptiveAvgPool2d(1, 1);
  public Module fc;

  /** Makes a block; channels of its input, of its first convolution, and the stride. */
  private interface Maker {
    Module make(int channels, int planes, int stride);
  }

  private ResNet(Maker maker, int expansion, int numClasses, int... blocks) {
    layer1 = layer(maker, expansion, 64, 64, blocks[0], 1);
    layer2 = layer(maker, expansion, 64 * expansion, 128, blocks[1], 2);
    layer3 = layer(maker, expansion, 128 * expansion, 256, blocks[2], 2);
    layer4 = layer(maker, expansion, 256 * expansion, 512, blocks[3], 2);
    fc = new Linear(512 * expansion, numClasses);
    for (Module m : modules())
      if (m instanceof Conv2d c) Init.kaimingNormal_(c.weight, Init.gain("relu"), Init.Fan.OUT);
  }

  private static Module layer(
      Maker maker, int expansion, int channels, int planes, int blocks, int stride) {
    Module[] all = new Module[blocks];
    all[0] = maker.make(channels, planes, stride);
    for (int i = 1; i < blocks; i++) all[i] = maker.make(planes * expansion, planes, 1);
    return new Sequential(all);
  }

  /** 18 layers; 11,689,512 parameters for ImageNet's 1,000 classes. */
  public static ResNet resnet18(int numClasses) {
    return new ResNet(BasicBlock::new, 1, numClasses, 2, 2, 2, 2);
  }

  /** 34 layers; 21,797,672 parameters for 1,000 classes. */
  public static ResNet resnet34(int numClasses) {
    return new ResNet(BasicBlock::new, 1, numClasses, 3, 4, 6, 3);
  }

  /** 50 layers; 25,557,032 parameters for 1,000 classes. */
  public static ResNet resnet50(int numClasses) {
    return new ResNet(Bottleneck::new, Bottleneck.EXPANSION, numClasses, 3, 4, 6, 3);
  }

  @Override
  public Tensor forward(Tensor x) {
    Tensor y = maxpool.apply(relu.apply(bn1.apply(conv1.apply(x))));
    y = layer4.apply(layer3.apply(layer2.apply(layer1.apply(y))));
    return fc.apply(avgpool.apply(y).flatten(1));
  }
}
