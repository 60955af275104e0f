/**
 * Networks for images, with the names and numbers of torchvision's.
 *
 * <dl>
 *   <dt>block
 *   <dd>convolutions with a shortcut around them: {@code BasicBlock}, {@code Bottleneck}
 *   <dt>trunk
 *   <dd>all layers of a network but the last one
 * </dl>
 */
package io.sparkgrad.nn.vision;
