package io.sparkgrad.nn.vision;

import io.sparkgrad.Tensor;
import io.sparkgrad.nn.BatchNorm2d;
import io.sparkgrad.nn.Conv2d;
import io.sparkgrad.nn.Init;
import io.sparkgrad.nn.Linear;
import io.sparkgrad.nn.Module;
import io.sparkgrad.nn.Sequential;

/**
 * Classes of small images [n, 3, 32, 32], of ImageNet's mean and deviation: the networks for
 * CIFAR-10 of He et al. 2015, arXiv:1512.03385, section 4.2, with the names and initial values of
 * akamaster/pytorch_resnet_cifar10. Shortcuts between stages have no parameters: every second
 * pixel, and channels of zeros.
 */
public final class CifarResNet extends Module {
  private static final long serialVersionUID = 1;

  public Module conv1 = new Conv2d(3, 16, 3, 1, 1, false);
  public Module bn1 = new BatchNorm2d(16);
  public Module layer1;
  public Module layer2;
  public Module layer3;
  public Module linear;

  private CifarResNet(int blocks, int numClasses) {
    layer1 = layer(16, 16, blocks, 1);
    layer2 = layer(16, 32, blocks, 2);
    layer3 = layer(32, 64, blocks, 2);
    linear = new Linear(64, numClasses);
    for (Module m : modules()) {
      if (m instanceof Conv2d c) initialise(c.weight);
      if (m instanceof Linear l) initialise(l.weight);
    }
  }

  private static void initialise(Tensor weight) {
    Init.kaimingNormal_(weight, Init.gainOfLeakyRelu(0), Init.Fan.IN);
  }

  private static Module layer(int channels, int planes, int blocks, int stride) {
    Module[] all = new Module[blocks];
    all[0] = new Block(channels, planes, stride);
    for (int i = 1; i < blocks; i++) all[i] = new Block(planes, planes, 1);
    return new Sequential(all);
  }

  /** 20 layers; 269,722 parameters for ten classes. */
  public static CifarResNet resnet20(int numClasses) {
    return new CifarResNet(3, numClasses);
  }

  /** 56 layers; 853,018 parameters for ten classes. */
  public static CifarResNet resnet56(int numClasses) {
    return new CifarResNet(9, numClasses);
  }

  @Override
  public Tensor forward(Tensor x) {
    Tensor y = bn1.apply(conv1.apply(x)).relu();
    y = layer3.apply(layer2.apply(layer1.apply(y)));
    return linear.apply(y.mean(new int[] {2, 3}, false));
  }

  private static final class Block extends Module {
    private static final long serialVersionUID = 1;

    final Module conv1;
    final Module bn1;
    final Module conv2;
    final Module bn2;
    private final int stride;
    private final int added; // channels of zeros on each side

    Block(int channels, int planes, int stride) {
      conv1 = new Conv2d(channels, planes, 3, stride, 1, false);
      bn1 = new BatchNorm2d(planes);
      conv2 = new Conv2d(planes, planes, 3, 1, 1, false);
      bn2 = new BatchNorm2d(planes);
      this.stride = stride;
      added = (planes - channels) / 2;
    }

    @Override
    public Tensor forward(Tensor x) {
      Tensor y = bn1.apply(conv1.apply(x)).relu();
      return bn2.apply(conv2.apply(y)).add(shortcut(x)).relu();
    }

    private Tensor shortcut(Tensor x) {
      if (stride == 1 && added == 0) return x;
      Tensor pixels = x.slice(2, 0, x.size(2), stride).slice(3, 0, x.size(3), stride);
      return pixels.pad(new int[] {0, 0, 0, 0, added, added}, "constant");
    }
  }
}
