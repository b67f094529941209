"""The API as values: operations, and the OpenAPI description made from them."""
