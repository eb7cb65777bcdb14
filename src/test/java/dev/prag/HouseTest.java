package dev.prag;

import static com.tngtech.archunit.lang.syntax.ArchRuleDefinition.noClasses;
import static com.tngtech.archunit.library.dependencies.SlicesRuleDefinition.slices;

import com.tngtech.archunit.core.domain.JavaClass;
import com.tngtech.archunit.core.importer.ImportOption;
import com.tngtech.archunit.junit.AnalyzeClasses;
import com.tngtech.archunit.junit.ArchTest;
import com.tngtech.archunit.lang.ArchCondition;
import com.tngtech.archunit.lang.ArchRule;
import com.tngtech.archunit.lang.ConditionEvents;
import com.tngtech.archunit.lang.SimpleConditionEvent;
import com.tngtech.archunit.lang.syntax.ArchRuleDefinition;
import java.util.List;

/** The house of docs/architecture.md: a room uses rooms on lower floors and, without circles, its neighbours. */
@AnalyzeClasses(packages = "dev.prag", importOptions = ImportOption.DoNotIncludeTests.class)
class HouseTest {
    private static final String ROOT = "dev.prag.";

    /** From the ground up. */
    private static final List<List<String>> FLOORS = List.of(
            List.of("base", "tensor"),
            List.of("llm", "lora", "devices"),
            List.of("generation", "training"),
            List.of(
                    "database",
                    "documents",
                    "corpus",
                    "extraction",
                    "retrieval",
                    "augmentation",
                    "adapterstore",
                    "access",
                    "runtime"),
            List.of("answering", "parameterization", "evaluation", "tuning", "reproduction", "bench", "erasure"),
            List.of("rest", "openai", "cli"));

    @ArchTest
    static final ArchRule noRoomUsesOneAboveIt = ArchRuleDefinition.classes()
            .should(new ArchCondition<>("use their own floor or lower ones only") {
                @Override
                public void check(JavaClass type, ConditionEvents events) {
                    int floor = floor(type);
                    type.getDirectDependenciesFromSelf().stream()
                            .filter(use -> use.getTargetClass().getPackageName().startsWith(ROOT))
                            .filter(use -> floor(use.getTargetClass()) > floor)
                            .forEach(use -> events.add(SimpleConditionEvent.violated(type, use.getDescription())));
                }
            });

    @ArchTest
    static final ArchRule noCircles =
            slices().matching("dev.prag.(*)..").should().beFreeOfCycles();

    @ArchTest
    static final ArchRule theEngineKnowsNoFramework = noClasses()
            .that()
            .resideInAnyPackage(
                    "dev.prag.base..",
                    "dev.prag.tensor..",
                    "dev.prag.devices..",
                    "dev.prag.llm..",
                    "dev.prag.lora..",
                    "dev.prag.generation..",
                    "dev.prag.training..")
            .should()
            .dependOnClassesThat()
            .resideInAnyPackage("io.quarkus..", "jakarta..", "io.smallrye..", "org.eclipse.microprofile..");

    @ArchTest
    static final ArchRule onlyDevicesKnowOneDnn = noClasses()
            .that()
            .resideOutsideOfPackage("dev.prag.tensor.cpu..")
            .should()
            .dependOnClassesThat()
            .resideInAnyPackage("org.bytedeco..");

    @ArchTest
    static final ArchRule onlyDevicesKnowJCuda = noClasses()
            .that()
            .resideOutsideOfPackage("dev.prag.tensor.cuda..")
            .should()
            .dependOnClassesThat()
            .resideInAnyPackage("jcuda..");

    @ArchTest
    static final ArchRule oneRoomChoosesTheDevice = noClasses()
            .that()
            .resideOutsideOfPackages("dev.prag.tensor..", "dev.prag.devices..")
            .should()
            .dependOnClassesThat()
            .haveSimpleNameEndingWith("CpuDevice")
            .orShould()
            .dependOnClassesThat()
            .haveSimpleName("CudaDevice");

    private static int floor(JavaClass type) {
        String room = type.getPackageName().substring(ROOT.length()).split("\\.")[0];
        for (int floor = 0; floor < FLOORS.size(); floor++) {
            if (FLOORS.get(floor).contains(room)) {
                return floor;
            }
        }
        throw new AssertionError("the room " + room + " stands on no floor: add it to the house");
    }
}
