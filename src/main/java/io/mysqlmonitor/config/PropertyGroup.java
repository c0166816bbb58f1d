package io.mysqlmonitor.config;

import java.util.Locale;

/** How often a property is set, and so where a reader finds it. */
enum PropertyGroup {
    ESSENTIAL("Essential", "for almost every installation"),
    COMMON("Common", "for many installations"),
    RARE("Rare", "for special cases");

    private final String title;
    private final String meaning;

    PropertyGroup(String title, String meaning) {
        this.title = title;
        this.meaning = meaning;
    }

    /** A heading. */
    String title() {
        return title;
    }

    /** What its properties are for. */
    String meaning() {
        return meaning;
    }

    /** As it is written on the command line. */
    String word() {
        return name().toLowerCase(Locale.ROOT);
    }
}
