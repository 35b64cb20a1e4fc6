package io.hermes.spring.test;

import org.springframework.boot.autoconfigure.SpringBootApplication;

/** A service with {@link Components}. */
@SpringBootApplication
class TestApplication {}
