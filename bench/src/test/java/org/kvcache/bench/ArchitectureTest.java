package org.kvcache.bench;

import static com.tngtech.archunit.base.DescribedPredicate.not;
import static com.tngtech.archunit.core.domain.JavaClass.Predicates.resideInAPackage;
import static com.tngtech.archunit.core.domain.JavaClass.Predicates.resideInAnyPackage;
import static com.tngtech.archunit.core.domain.JavaModifier.PUBLIC;
import static com.tngtech.archunit.core.domain.JavaModifier.STATIC;
import static com.tngtech.archunit.lang.conditions.ArchPredicates.are;
import static com.tngtech.archunit.lang.syntax.ArchRuleDefinition.classes;
import static com.tngtech.archunit.lang.syntax.ArchRuleDefinition.fields;
import static com.tngtech.archunit.lang.syntax.ArchRuleDefinition.noClasses;
import static com.tngtech.archunit.library.dependencies.SlicesRuleDefinition.slices;

import com.tngtech.archunit.base.DescribedPredicate;
import com.tngtech.archunit.core.domain.Dependency;
import com.tngtech.archunit.core.domain.JavaAnnotation;
import com.tngtech.archunit.core.domain.JavaClass;
import com.tngtech.archunit.core.importer.ImportOption;
import com.tngtech.archunit.core.importer.Location;
import com.tngtech.archunit.junit.AnalyzeClasses;
import com.tngtech.archunit.junit.ArchTest;
import com.tngtech.archunit.lang.ArchCondition;
import com.tngtech.archunit.lang.ArchRule;
import com.tngtech.archunit.lang.ConditionEvents;
import com.tngtech.archunit.lang.SimpleConditionEvent;
import java.util.List;
import org.jspecify.annotations.NullMarked;
import org.kvcache.sim.cli.CommandProvider;
import org.openjdk.jmh.annotations.State;

@AnalyzeClasses(
    packages = "org.kvcache",
    importOptions = {
      ImportOption.DoNotIncludeTests.class,
      ArchitectureTest.DoNotIncludeGenerated.class
    })
class ArchitectureTest {

  private static final String API = "org.kvcache";
  private static final String SPI = "org.kvcache.spi";
  private static final String SAFETENSORS = "org.kvcache.safetensors";
  private static final String MANAGER = "org.kvcache.manager";
  private static final String CACHE = "org.kvcache.cache";
  private static final String SIM = "org.kvcache.sim..";
  private static final String BENCH = "org.kvcache.bench..";
  private static final String MAKES_TRACES = "org.kvcache.sim.trace.TraceBuilder"; // for users' own
  private static final String TRADES_WITH_VLLM = "org.kvcache.quant.UltraQuantSlots"; // for engines
  private static final String FOR_ENGINES =
      "org.kvcache.(offload.(Disk|Redis)Tier|bench.jlama.Jlama(Cache|Generator))"; // for engines
  private static final String ANY_OF_OURS = "org.kvcache..";

  @ArchTest
  static final ArchRule pluginsDependOnTheApiOnly =
      classes()
          .that()
          .resideInAnyPackage(
              "org.kvcache.policy..",
              "org.kvcache.quant..",
              "org.kvcache.offload..",
              "org.kvcache.kernels..")
          .should(dependOnOursOnlyIn(API, SPI, SAFETENSORS));

  @ArchTest
  static final ArchRule apiDependsOnNoOtherModule =
      noClasses()
          .that()
          .resideInAnyPackage(API, SPI, SAFETENSORS, MANAGER, CACHE)
          .should()
          .dependOnClassesThat(
              are(resideInAPackage(ANY_OF_OURS))
                  .and(not(resideInAnyPackage(API, SPI, SAFETENSORS, MANAGER, CACHE))));

  @ArchTest
  static final ArchRule simulatorDependsOnNeitherManagerNorBench =
      noClasses()
          .that()
          .resideInAPackage(SIM)
          .should()
          .dependOnClassesThat(resideInAnyPackage(MANAGER, CACHE, BENCH));

  @ArchTest
  static final ArchRule managerIsInternal =
      classes()
          .that()
          .resideInAPackage(MANAGER)
          .should()
          .onlyHaveDependentClassesThat()
          .resideInAnyPackage(API, MANAGER);

  @ArchTest
  static final ArchRule cacheIsInternal =
      classes()
          .that()
          .resideInAPackage(CACHE)
          .should()
          .onlyHaveDependentClassesThat()
          .resideInAnyPackage(API, CACHE);

  @ArchTest
  static final ArchRule modulesHaveNoCycles =
      slices()
          .matching("org.kvcache.(policy|quant|offload|kernels|sim|bench)..")
          .should()
          .beFreeOfCycles();

  @ArchTest
  static final ArchRule namesSayWhatAClassIs =
      noClasses().should().haveNameMatching(".*[.$](Abstract\\w+|\\w*(Utils?|Helpers?|Impl|Misc))");

  @ArchTest
  static final ArchRule packagesAreNotDrawers =
      noClasses()
          .should()
          .resideInAnyPackage("..util..", "..utils..", "..common..", "..impl..", "..helper..");

  @ArchTest
  static final ArchRule packagesAreNullMarked =
      classes().that().haveSimpleName("package-info").should().beAnnotatedWith(NullMarked.class);

  @ArchTest
  static final ArchRule everyPackageHasItsInfo = classes().should(liveBesideAPackageInfo());

  @ArchTest
  static final ArchRule publicClassesHaveAReason =
      classes()
          .that()
          .arePublic()
          .and()
          .areTopLevelClasses()
          .and()
          .resideOutsideOfPackages(API, SPI, SAFETENSORS)
          .and()
          .doNotHaveSimpleName("package-info")
          .and()
          .doNotHaveFullyQualifiedName(MAKES_TRACES)
          .and()
          .doNotHaveFullyQualifiedName(TRADES_WITH_VLLM)
          .and()
          .haveNameNotMatching(FOR_ENGINES)
          .should(haveAReasonToBePublic());

  @ArchTest
  static final ArchRule nothingIsInjected =
      fields()
          .that()
          .areDeclaredInClassesThat()
          .resideInAPackage(ANY_OF_OURS)
          .should()
          .notBeAnnotatedWith(nameEndingWith("Inject", "Autowired", "Resource"));

  @ArchTest
  static final ArchRule onlyTheCommandLineEndsTheProcess =
      noClasses()
          .that()
          .doNotHaveFullyQualifiedName("org.kvcache.sim.cli.Main")
          .should()
          .callMethod(System.class, "exit", int.class);

  @ArchTest
  static final ArchRule librariesDoNotPrint =
      noClasses()
          .that()
          .resideOutsideOfPackages("org.kvcache.sim.cli..", BENCH)
          .should()
          .accessField(System.class, "out")
          .orShould()
          .accessField(System.class, "err");

  private static DescribedPredicate<JavaAnnotation<?>> nameEndingWith(String... ends) {
    return DescribedPredicate.describe(
        "for injection",
        annotation -> {
          String name = annotation.getRawType().getSimpleName();
          return List.of(ends).contains(name);
        });
  }

  private static ArchCondition<JavaClass> dependOnOursOnlyIn(String... packages) {
    return new ArchCondition<>("depend, of ours, only on " + String.join(" and ", packages)) {
      @Override
      public void check(JavaClass item, ConditionEvents events) {
        String own = module(item);
        item.getDirectDependenciesFromSelf().stream()
            .filter(dependency -> resideInAPackage(ANY_OF_OURS).test(dependency.getTargetClass()))
            .filter(dependency -> !module(dependency.getTargetClass()).equals(own))
            .filter(dependency -> !resideInAnyPackage(packages).test(dependency.getTargetClass()))
            .forEach(dependency ->
                events.add(SimpleConditionEvent.violated(dependency, dependency.getDescription())));
      }
    };
  }

  private static String module(JavaClass of) {
    String[] parts = of.getPackageName().split("\\.", 4);
    return parts.length > 2 ? parts[2] : "";
  }

  private static ArchCondition<JavaClass> liveBesideAPackageInfo() {
    return new ArchCondition<>("live in a package with package-info.java") {
      @Override
      public void check(JavaClass item, ConditionEvents events) {
        if (item.getPackage().tryGetPackageInfo().isEmpty()) {
          events.add(SimpleConditionEvent.violated(item, item.getName() + " does not"));
        }
      }
    };
  }

  private static ArchCondition<JavaClass> haveAReasonToBePublic() {
    return new ArchCondition<>(
        "be used by another package or a public interface, implement an SPI, be a JMH state or be"
            + " the command") {
      @Override
      public void check(JavaClass item, ConditionEvents events) {
        boolean usedElsewhere =
            item.getDirectDependenciesToSelf().stream()
                .map(Dependency::getOriginClass)
                .anyMatch(user ->
                    !user.getPackage().equals(item.getPackage())
                        || (user.isInterface() && user.getModifiers().contains(PUBLIC)));
        boolean plugin =
            item.getAllRawInterfaces().stream().anyMatch(type -> type.getPackageName().equals(SPI))
                || item.isAssignableTo(CommandProvider.class);
        boolean benchmark =
            item.isAnnotatedWith(State.class) || item.getSimpleName().endsWith("Benchmark");
        boolean command =
            item.getMethods().stream()
                .anyMatch(method ->
                    method.getName().equals("main") && method.getModifiers().contains(STATIC));
        if (!usedElsewhere && !plugin && !benchmark && !command) {
          events.add(
              SimpleConditionEvent.violated(item, item.getName() + " is public and need not be"));
        }
      }
    };
  }

  static final class DoNotIncludeGenerated implements ImportOption {
    @Override
    public boolean includes(Location location) {
      return !location.contains("/jmh_generated/");
    }
  }
}
