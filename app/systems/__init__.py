"""The tenants: none knows another, and neither platform nor rooms know any of them."""
