// The same module built by Gradle; pom.xml is the one that the build of Hermes runs.
plugins {
    `java-library`
    id("com.google.protobuf") version "0.9.5"
}

val hermesVersion = "0.1.0-SNAPSHOT"
val protocVersion = "4.33.5" // not newer than the protobuf-java that runs
val descriptorSet = layout.buildDirectory.file("resources/main/META-INF/hermes/shipping-schema.binpb")

repositories {
    mavenLocal() // until Hermes is released: ./mvnw install -DskipTests in its repository
    mavenCentral()
}

dependencies {
    api("io.hermes:hermes-contract:$hermesVersion") // brings topic.proto and protobuf-java
}

java {
    toolchain { languageVersion = JavaLanguageVersion.of(17) }
}

sourceSets {
    main { proto { srcDir("src/main/protobuf") } }
}

protobuf {
    protoc { artifact = "com.google.protobuf:protoc:$protocVersion" }
    generateProtoTasks {
        ofSourceSet("main").forEach { task ->
            task.generateDescriptorSet = true
            task.descriptorSetOptions.includeImports = true // without them nobody can read the set
            task.descriptorSetOptions.path = descriptorSet.get().asFile.path
        }
    }
}

val contractCheck by tasks.registering(JavaExec::class) {
    description = "Fails if a topic contract is wrong."
    dependsOn("generateProto", "processResources")
    classpath = sourceSets.main.get().compileClasspath
    mainClass = "io.hermes.contract.schema.ContractCheck"
    args(descriptorSet.get().asFile.path)
}

tasks.named("generateProto") { mustRunAfter("processResources") }
tasks.named("classes") { dependsOn("generateProto") }
tasks.named("check") { dependsOn(contractCheck) }
