package example;

import java.io.BufferedReader;
import java.io.InputStreamReader;
import java.util.Arrays;
import java.util.TreeMap;
import java.util.function.Function;
import java.util.stream.Collectors;

/** Counts the words on standard input. */
public class Words {
    public static void main(String[] arguments) {
        var lines = new BufferedReader(new InputStreamReader(System.in)).lines();
        lines.flatMap(line -> Arrays.stream(line.split("\\W+")))
                .filter(word -> !word.isEmpty())
                .collect(Collectors.groupingBy(Function.identity(), TreeMap::new, Collectors.counting()))
                .forEach((word, count) -> System.out.println(count + " " + word));
    }
}
