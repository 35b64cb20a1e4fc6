/** The code of docs/spring-boot.md, which has nothing but what an application has. */
@org.jspecify.annotations.NullMarked
package io.hermes.spring.guide;
