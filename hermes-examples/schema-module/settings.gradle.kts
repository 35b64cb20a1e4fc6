rootProject.name = "shipping-schema"
