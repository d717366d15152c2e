"""A developer signs in and reads what the API offers, without a word to any other site."""

from playwright.sync_api import Page, expect


def test_a_developer_reads_the_documentation_of_the_api(signed_in_admin: Page) -> None:
    signed_in_admin.goto("/api/")
    expect(signed_in_admin.locator(".swagger-ui .info .title")).to_contain_text("Mainstay API")
