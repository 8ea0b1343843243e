package org.kvcache.manager;

import java.util.List;
import org.kvcache.spi.PolicyCatalog;
import org.kvcache.spi.PolicySpec;

public final class TestPolicyCatalog implements PolicyCatalog {

  @Override
  public List<PolicySpec> policies() {
    return TestPolicies.ALL;
  }
}
