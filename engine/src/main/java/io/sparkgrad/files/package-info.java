/**
 * Files of tensors: safetensors and PyTorch's, written atomically, and fetched from the network.
 *
 * <dl>
 *   <dt>safetensors
 *   <dd>a JSON header with names, types, shapes and places, then the numbers
 *   <dt>metadata
 *   <dd>texts by name in the header
 *   <dt>torch file
 *   <dd>what torch.save writes: a pickle of the objects, and the numbers of their storages
 *   <dt>pickle
 *   <dd>Python's form of objects, a program that calls functions by name
 *   <dt>atomic
 *   <dd>a file is there whole or not at all: written under another name, then renamed
 * </dl>
 */
package io.sparkgrad.files;
