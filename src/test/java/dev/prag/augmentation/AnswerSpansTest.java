package dev.prag.augmentation;

import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertFalse;
import static org.junit.jupiter.api.Assertions.assertTrue;

import java.util.List;
import org.junit.jupiter.api.Test;

class AnswerSpansTest {
    private static List<String> of(String sentence) {
        return AnswerSpans.of(sentence, "Harbour guide");
    }

    private static void holds(String sentence, String... answers) {
        List<String> found = of(sentence);
        for (String answer : answers) {
            assertTrue(found.contains(answer), answer + " is missing in " + found);
        }
    }

    @Test
    void numbersComeWithTheirUnits() {
        holds("A crossing takes 1 hour and 25 minutes.", "1 hour and 25 minutes");
        holds("The deck is 11.4 metres wide and a car costs 145 pounds a day.", "11.4 metres", "145 pounds a day");
        holds("Storage needs at most 45 degrees Celsius.", "45 degrees Celsius");
        holds("It was bought for 3.5 million euros in 2019.", "3.5 million euros", "2019");
    }

    @Test
    void quantitiesOfDifferentThingsAreAskedForApart() {
        holds("She carries 46 cars and 390 passengers.", "46 cars", "390 passengers");
        holds("The hall has two cranes and nineteen windows.", "two cranes", "nineteen windows");
        holds("It weighs 3 pounds and 4 ounces.", "3 pounds and 4 ounces");
        holds("Between them lie two and a half miles.", "two and a half miles");
        holds("The room has 20 to 30 chairs.", "20 to 30 chairs");
    }

    @Test
    void datesAndTimesAreWhole() {
        holds("The line opened on 6 June 1964 at 10:30.", "6 June 1964", "10:30");
        holds("It is closed from Monday to Thursday.", "Monday to Thursday");
        holds("Das Museum wurde am 3. Mai 1971 eröffnet.", "3. Mai 1971");
    }

    @Test
    void namesMayHaveTitlesAndSmallWords() {
        holds("The officer is Dr. Amara Lind, and Farrow & Finch pays.", "Dr. Amara Lind", "Farrow & Finch");
        holds("He studied at the University of Oslo.", "University of Oslo");
        holds("The part number is KE-1107.", "KE-1107");
    }

    @Test
    void whatSomethingIsOrIsKeptIn() {
        holds("The Heron is a flat-bottomed boat for shallow rivers.", "a flat-bottomed boat for shallow rivers");
        holds("Grease the ring with silicone only.", "silicone only");
        holds("The key hangs behind the red door.", "behind the red door");
    }

    @Test
    void aThingEndsWhereAnotherBegins() {
        holds("The best card wins a ham.", "a ham");
        holds("It is cut up on the spot so that nobody uses it again.", "the spot");
    }

    @Test
    void joiningWordsAreNoPlacesAndNoReasons() {
        String soon = "Lifting stops as soon as the wind exceeds 14 metres.";
        assertFalse(of(soon).contains("soon"), () -> "" + of(soon));
        String then = "In 2022 there were many, and since then gloves are worn in the store.";
        assertTrue(of(then).stream().noneMatch(answer -> answer.contains("then")), () -> "" + of(then));
    }

    @Test
    void aNumberWithinANameIsNoAnswerByItself() {
        assertFalse(of("The Skua 4 floats.").contains("4"), () -> "" + of("The Skua 4 floats."));
    }

    @Test
    void nameOfTheSubjectComesLast() {
        List<String> found = AnswerSpans.of("The Harbour is run by Olga Brandt.", "Harbour guide");
        assertEquals("Olga Brandt", found.getFirst());
    }

    @Test
    void aSentenceWithoutPiecesHasNone() {
        assertEquals(List.of(), of("Nothing more was ever said."));
    }
}
