package org.kvcache.kernels.cuda;

import java.util.ArrayList;
import java.util.List;

/** JCuda's objects by number, from 1 on. A number is given once. Thread-safe. */
final class Handles<T> {

  private final List<T> objects = new ArrayList<>();
  private final T none;

  /**
   * Empty.
   *
   * @param none what 0 stands for
   */
  Handles(T none) {
    this.none = none;
  }

  synchronized long add(T object) {
    objects.add(object);
    return objects.size();
  }

  synchronized T get(long handle) {
    return handle == 0 ? none : objects.get((int) handle - 1);
  }

  /** Forgets the object; its number is not used again. */
  synchronized T remove(long handle) {
    T object = get(handle);
    objects.set((int) handle - 1, none);
    return object;
  }
}
